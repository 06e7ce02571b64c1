import { useMatch, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { isRunning, latestTurn } from "../conversation/conversation-view";
import { conversationText } from "../tasks/conversation-text";
import { useNewTask } from "../tasks/use-new-task";
import { usePutAway } from "../chat/use-put-away";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";
import { useConsole, useWatched } from "./console-context";

const RenameDialog = lazy(async () => ({ default: (await import("../chat/rename-dialog")).RenameDialog }));

const ConfirmDialog = lazy(async () => ({ default: (await import("../ui/confirm-dialog")).ConfirmDialog }));

/** The commands of the conversation that is open, where one is. */
export function OpenConversation() {
  const match = useMatch({ from: "/c/$conversationId", shouldThrow: false });
  const conversationId = match?.params.conversationId;
  return conversationId === undefined ? null : <ConversationCommands key={conversationId} conversationId={conversationId} />;
}

function ConversationCommands({ conversationId }: { readonly conversationId: string }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const navigate = useNavigate();
  const [renaming, setRenaming] = useState(false);
  const watched = useWatched({ kind: "conversation", conversationId });
  const view = watched.phase === "ready" && !watched.view.deleted ? watched.view : undefined;
  const conversation = view?.conversation;
  const turn = view && latestTurn(view);
  const runningTurnId = turn && isRunning(turn.state) ? turn.turnId : undefined;
  const known = conversation !== undefined;
  const archived = conversation?.archivedAt !== undefined;
  const latestJobId = turn?.jobId ?? "";
  const { archive } = usePutAway({ conversationId }, conversation?.title || t("conversations.untitled"));
  const stop = useCall((turnId: string) => clients.conversations.cancelTurn({ turnId }));
  const newTask = useNewTask();
  const latest = useRef(view);
  useEffect(() => {
    latest.current = view;
  });
  const makeTask = useCallback(() => {
    if (latest.current !== undefined) {
      const { conversation: from, items } = latest.current;
      const description = conversationText(items, { user: t("message.you"), assistant: t("message.companion") });
      void newTask({ workspaceId: from.workspaceId, fromConversationId: from.conversationId, description });
    }
  }, [newTask, t]);
  const putAway = useRef(archive);
  useEffect(() => {
    putAway.current = archive;
  });
  const { run: runStop } = stop;

  const commands = useMemo(
    (): readonly Command[] => [
      ...(runningTurnId === undefined
        ? []
        : [{ id: "stop", group: "actions", here: true, title: t("palette.stopReply"), run: () => void runStop(runningTurnId) } as const]),
      ...(known
        ? ([
            { id: "make-task", group: "actions", here: true, title: t("palette.makeTask"), run: makeTask },
            { id: "rename", group: "actions", here: true, title: t("palette.rename"), run: () => setRenaming(true) },
            { id: "archive", group: "actions", here: true, title: archived ? t("palette.unarchive") : t("palette.archive"), run: () => void putAway.current(!archived) },
          ] as const)
        : []),
      ...(latestJobId === ""
        ? []
        : [
            {
              id: "latest-job",
              group: "actions", here: true,
              title: t("palette.latestJob"),
              run: () => void navigate({ to: "/jobs/$jobId", params: { jobId: latestJobId } }),
            } as const,
          ]),
    ],
    [t, navigate, known, archived, runningTurnId, latestJobId, makeTask, runStop],
  );
  useCommands(commands);

  return (
    <>
      {renaming && conversation && (
        <Suspense fallback={null}>
          <RenameDialog conversation={conversation} onClose={() => setRenaming(false)} onRenamed={() => undefined} />
        </Suspense>
      )}
      {stop.failure && (
        <Suspense fallback={null}>
          <ConfirmDialog
            open
            title={t("error.generic")}
            text={failureText(t, stop.failure)}
            action={t("error.retry")}
            onConfirm={() => (runningTurnId === undefined ? stop.forget() : void runStop(runningTurnId))}
            onClose={stop.forget}
          />
        </Suspense>
      )}
    </>
  );
}
