import { Code } from "@connectrpc/connect";
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure, sentence } from "../api/failure";
import { FailureKind, RunState } from "../gen/banto/v1/common_pb";
import { StageKind, type Workflow } from "../gen/banto/v1/workflows_pb";
import { RunStateBadge } from "../jobs/run-state-badge";
import { useConsole, useWatched } from "../shell/console-context";
import { costText, durationText, failureKindName, momentText, spanMs, stateSlug, tokensText } from "../ui/format";
import { Failed, Loading, Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useLoaded } from "../ui/use-loaded";
import { finderModes } from "./finder-modes";
import { RetryButton } from "./retry-button";
import { StageCard } from "./stage-card";
import { type WorkflowView, finishedStages, isOver, usageSoFar } from "./workflow-view";

/** One search, as it goes on. */
export function WorkflowRun({ workflowId }: { readonly workflowId: string }) {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const watched = useWatched({ kind: "workflow", workflowId });
  // Between a reset and its snapshot the page stays as it was.
  const [last, setLast] = useState<WorkflowView>();
  const ready = watched.phase === "ready" ? watched.view : undefined;
  useEffect(() => setLast((before) => ready ?? before), [ready]);
  const view = ready ?? last;
  if (watched.phase === "failed") {
    const gone = watched.failure.reason === "WORKFLOW_NOT_FOUND" || watched.failure.code === Code.InvalidArgument;
    return gone ? (
      <Failed title={t("finder.notFound")} />
    ) : (
      <Refused failure={new CallFailure(watched.failure)} scope="read" onRetry={() => feed.retryNow()} />
    );
  }
  return view === undefined ? <Loading /> : <Run workflow={view.workflow} />;
}

function Run({ workflow }: { readonly workflow: Workflow }) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { workflowId, mode, model, providerId, createdAt, endedAt, state, failure } = workflow;
  const over = isOver(workflow);
  const now = useNow(!over);
  const usage = usageSoFar(workflow);
  const modeName = finderModes.find(([known]) => known === mode)?.[1];
  const finished = finishedStages(workflow);
  // What a stage left is fetched when one more has ended.
  const load = useCallback(
    async (signal: AbortSignal) => (finished === 0 ? [] : ((await clients.workflows.getWorkflow({ workflowId }, { signal })).workflow?.stages ?? [])),
    [clients, workflowId, finished],
  );
  const artifacts = useLoaded(load);
  const span = createdAt && (spanMs(createdAt, endedAt) ?? now - Number(createdAt.seconds) * 1000);
  return (
    <section className="run" aria-labelledby={`run-${workflowId}`} data-workflow-id={workflowId} data-state={stateSlug(state)} data-testid="workflow">
      <header className="run-head">
        <h2 id={`run-${workflowId}`}>{t("finder.run", { time: createdAt ? momentText(createdAt, i18n.language) : "" })}</h2>
        <RunStateBadge state={state} />
        <RunCommands workflow={workflow} over={over} />
      </header>
      <p className="run-facts soft small">
        {modeName && <span>{t(`finder.modes.${modeName}`)}</span>}
        {model !== "" && (
          <span>
            {model} · {providerId}
          </span>
        )}
        {span !== undefined && <span>{durationText(Math.max(0, span), i18n.language)}</span>}
        {model === "" ? (
          <span>{t("finder.localFree")}</span>
        ) : (
          usage && (
            <span>
              {tokensText(t, usage, i18n.language)} · {costText(t, usage, i18n.language)}
            </span>
          )
        )}
        <span>{t("finder.forVersion", { number: String(workflow.descriptionVersion) })}</span>
        {workflow.retryOfWorkflowId !== "" && (
          <Link to="/tasks/$taskId/runs/$workflowId" params={{ taskId: workflow.taskId, workflowId: workflow.retryOfWorkflowId }} preload={false}>
            {t("finder.retryOf")}
          </Link>
        )}
      </p>
      {workflow.modeReason !== "" && (
        <p className="soft small" lang="en">
          {sentence(workflow.modeReason)}
        </p>
      )}
      {failure && (
        <p className="run-failure" role="alert">
          <strong>{failureKindName(t, failure.kind)}</strong> <span lang="en">{sentence(failure.message)}</span>{" "}
          {failure.kind === FailureKind.CONSENT && <Link to="/settings/workspaces">{t("workspace.manage")}</Link>}
        </p>
      )}
      {workflow.message !== "" && (
        <p className="run-message" lang="en">
          {sentence(workflow.message)}
        </p>
      )}
      {state === RunState.COMPLETED && (
        <p className="run-done">
          {t("finder.added", { count: workflow.addedCount })}{" "}
          <Link to="/tasks/$taskId/files" params={{ taskId: workflow.taskId }}>
            {t("finder.openFiles")}
          </Link>{" "}
          <Link to="/tasks/$taskId/plans" params={{ taskId: workflow.taskId }} search={{ new: true }}>
            {t("task.newPlan")}
          </Link>
        </p>
      )}
      <ol className="stages" aria-label={t("finder.stages")}>
        {workflow.stages.map((stage) => (
          <StageCard
            key={stage.kind}
            stage={stage}
            artifact={artifacts.value?.find(({ kind }) => kind === stage.kind)?.artifact}
            artifactFailure={artifacts.failure}
            onReload={artifacts.reload}
            workflow={workflow}
            now={now}
          />
        ))}
      </ol>
    </section>
  );
}

function RunCommands({ workflow, over }: { readonly workflow: Workflow; readonly over: boolean }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const cancel = useCall(() => clients.workflows.cancelWorkflow({ workflowId: workflow.workflowId }));
  const ended = workflow.state !== RunState.COMPLETED;
  return (
    <div className="run-commands">
      {over ? (
        ended && <RetryButton workflow={workflow} from={StageKind.UNSPECIFIED} label={t("finder.retry")} />
      ) : (
        <button type="button" className="button button-small" disabled={cancel.pending} onClick={() => void cancel.run()}>
          {cancel.pending ? t("finder.cancelling") : t("finder.cancel")}
        </button>
      )}
      {cancel.failure && <Refused failure={cancel.failure} scope="chat" />}
    </div>
  );
}

/** The time, each second while it matters. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) {
      return undefined;
    }
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
