import type { TFunction } from "i18next";
import type { useNavigate } from "@tanstack/react-router";
import type { Command } from "../commands/command";
import type { ConversationsView } from "../conversation/conversations-view";
import type { WorkersView } from "../fleet/fleet-view";
import type { MessageHit } from "../gen/banto/v1/companion_conversation_pb";
import type { JobsView } from "../jobs/jobs-view";
import type { TasksView } from "../tasks/tasks-view";
import { momentText, stateName } from "../ui/format";

interface Objects {
  readonly conversations: ConversationsView;
  readonly workers: WorkersView;
  readonly jobs: JobsView;
  readonly tasks: TasksView;
  readonly hits: readonly MessageHit[];
}

/** A way to each object that the page knows. */
export function objectCommands(
  t: TFunction,
  language: string,
  navigate: ReturnType<typeof useNavigate>,
  { conversations, workers, jobs, tasks, hits }: Objects,
): readonly Command[] {
  return [
    ...tasks.map(
      ({ taskId, title, updatedAt }): Command => ({
        id: `task ${taskId}`,
        group: "tasks",
        title: title || t("palette.newTask"),
        ...(updatedAt && { detail: momentText(updatedAt, language) }),
        run: () => void navigate({ to: "/tasks/$taskId", params: { taskId } }),
      }),
    ),
    ...conversations.map(
      ({ conversationId, title, updatedAt }): Command => ({
        id: `conversation ${conversationId}`,
        group: "conversations",
        title: title || t("conversations.untitled"),
        ...(updatedAt && { detail: momentText(updatedAt, language) }),
        run: () => void navigate({ to: "/c/$conversationId", params: { conversationId } }),
      }),
    ),
    ...hits.flatMap(({ conversationId, conversationTitle, item, snippet }): Command[] =>
      item === undefined
        ? []
        : [
            {
              id: `message ${item.messageId}`,
              group: "messages",
              title: snippet,
              detail: conversationTitle || t("conversations.untitled"),
              run: () =>
                void navigate({ to: "/c/$conversationId", params: { conversationId }, search: { at: Number(item.sequence) } }),
            },
          ],
    ),
    ...workers.map(
      ({ runtimeId, workerId, displayName, displayRef }): Command => ({
        id: `worker ${runtimeId} ${workerId}`,
        group: "workers",
        title: displayName,
        detail: displayRef,
        run: () => void navigate({ to: "/runtimes/$runtimeId/$workerId", params: { runtimeId, workerId } }),
      }),
    ),
    ...jobs.map(
      ({ jobId, createdAt, state, model }): Command => ({
        id: `job ${jobId}`,
        group: "jobs",
        title: `${stateName(t, state)} · ${model || t("job.guide")}`,
        detail: createdAt ? momentText(createdAt, language) : jobId,
        run: () => void navigate({ to: "/jobs/$jobId", params: { jobId } }),
      }),
    ),
  ];
}
