import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import { RunStateBadge } from "../jobs/run-state-badge";
import { useConsole } from "../shell/console-context";
import { useTask } from "../tasks/task-context";
import { failureText } from "../ui/failure-text";
import { costText, durationText, momentText, spanMs } from "../ui/format";
import { Failed } from "../ui/states";
import { usePages } from "../ui/use-pages";
import { finderModes } from "./finder-modes";

const pageSize = 20;

/** The searches of the task, each at its own address. */
export function RunHistory({ shown }: { readonly shown: string }) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { task } = useTask();
  const { taskId, activeWorkflowId, latestWorkflowId } = task;
  const load = useCallback(
    async (pageToken: string, signal: AbortSignal) => {
      const { workflows, nextPageToken } = await clients.workflows.listWorkflows({ taskId, pageSize, pageToken }, { signal });
      return { items: workflows, next: nextPageToken };
    },
    // One that begins or ends makes another list.
    // oxlint-disable-next-line react/exhaustive-deps
    [clients, taskId, activeWorkflowId, latestWorkflowId],
  );
  const listed = usePages(load);
  const others = listed.items.filter(({ workflowId }) => workflowId !== shown);
  if (others.length === 0 && !listed.hasMore) {
    return listed.failure ? <Failed title={t("finder.historyFailed")} detail={failureText(t, listed.failure)} onRetry={listed.reload} /> : null;
  }
  return (
    <section aria-labelledby="runs-history">
      <h2 id="runs-history">{t("finder.history")}</h2>
      <ul className="run-list" aria-labelledby="runs-history">
        {others.map((workflow) => {
          const span = spanMs(workflow.createdAt, workflow.endedAt);
          const mode = finderModes.find(([known]) => known === workflow.mode)?.[1];
          return (
            <li key={workflow.workflowId} className="run-row" data-workflow-id={workflow.workflowId}>
              <Link
                to="/tasks/$taskId/runs/$workflowId"
                params={{ taskId, workflowId: workflow.workflowId }}
                preload={false}
              >
                {t("finder.run", { time: workflow.createdAt ? momentText(workflow.createdAt, i18n.language) : workflow.workflowId })}
              </Link>
              <RunStateBadge state={workflow.workflowId === activeWorkflowId ? RunState.RUNNING : workflow.state} />
              <span className="soft small">
                {mode && t(`finder.modes.${mode}`)}
                {span !== undefined && ` · ${durationText(span, i18n.language)}`}
                {workflow.usage && ` · ${costText(t, workflow.usage, i18n.language)}`}
              </span>
            </li>
          );
        })}
      </ul>
      {listed.failure && <Failed title={t("finder.historyFailed")} detail={failureText(t, listed.failure)} onRetry={listed.loadMore} />}
      {listed.hasMore && (
        <button type="button" className="button" disabled={listed.loading} onClick={listed.loadMore}>
          {listed.loading ? t("error.loading") : t("finder.moreHistory")}
        </button>
      )}
    </section>
  );
}
