import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Link } from "@tanstack/react-router";
import { Ban, Circle, CircleAlert, CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type CallFailure, sentence } from "../api/failure";
import { RunState } from "../gen/banto/v1/common_pb";
import type { StageArtifact as Artifact, Workflow, WorkflowStage } from "../gen/banto/v1/workflows_pb";
import { failureText } from "../ui/failure-text";
import { costText, durationText, failureKindName, stateName, stateSlug, tokensText } from "../ui/format";
import { Failed, Loading } from "../ui/states";
import { RetryButton } from "./retry-button";
import { StageArtifact } from "./stage-artifact";
import { stageName } from "./stages";
import { isOver } from "./workflow-view";

interface StageCardProps {
  readonly stage: WorkflowStage;
  readonly workflow: Workflow;
  /** Undefined: none is loaded. */
  readonly artifact: Artifact | undefined;
  readonly artifactFailure: CallFailure | undefined;
  readonly onReload: () => void;
  readonly now: number;
}

function StageIcon({ state }: { readonly state: RunState }) {
  switch (state) {
    case RunState.RUNNING:
      return <span className="spinner" aria-hidden="true" />;
    case RunState.QUEUED:
      return <Circle aria-hidden="true" size={17} />;
    case RunState.COMPLETED:
      return <CircleCheck aria-hidden="true" size={17} />;
    case RunState.CANCELLED:
      return <Ban aria-hidden="true" size={17} />;
    default:
      return <CircleAlert aria-hidden="true" size={17} />;
  }
}

/** A stage: where it stands, how far it came, what it took and what it left. */
export function StageCard({ stage, workflow, artifact, artifactFailure, onReload, now }: StageCardProps) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const name = stageName(stage.kind);
  const title = t(`finder.stage.${name}`);
  const running = stage.state === RunState.RUNNING;
  const done = stage.state === RunState.COMPLETED;
  const from = stage.startedAt && timestampMs(stage.startedAt);
  const until = stage.endedAt ? timestampMs(stage.endedAt) : running ? now : undefined;
  const reused = stage.reusedFromWorkflowId !== "";
  return (
    <li className="stage" data-stage={name} data-state={stateSlug(stage.state)}>
      <div className="stage-head">
        <span className="stage-icon">
          <StageIcon state={stage.state} />
        </span>
        <h3>{title}</h3>
        <span className="small">{stateName(t, stage.state)}</span>
        {done && <span className="small">{t(`finder.result.${name}`, { count: stage.resultCount })}</span>}
        <span className="stage-facts soft small">
          {running && stage.total > 0 && <span>{t("finder.progress", { done: stage.done.toLocaleString(i18n.language), total: stage.total.toLocaleString(i18n.language) })}</span>}
          {until !== undefined && from !== undefined && !reused && (!running || until - from >= 1000) && <span>{durationText(Math.max(0, until - from), i18n.language)}</span>}
          {stage.attempt > 1 && <span>{t("finder.attempt", { number: stage.attempt })}</span>}
          {stage.usage && (
            <span>
              {tokensText(t, stage.usage, i18n.language)} · {costText(t, stage.usage, i18n.language)}
            </span>
          )}
          {stage.jobIds.map((jobId, index) => (
            <Link key={jobId} to="/jobs/$jobId" params={{ jobId }} preload={false}>
              {t("finder.job", { number: index + 1 })}
            </Link>
          ))}
        </span>
      </div>
      <p className="stage-lead soft small">
        {t(`finder.stageLead.${name}`)}
        {reused && (
          <>
            {" · "}
            <Link to="/tasks/$taskId/runs/$workflowId" params={{ taskId: workflow.taskId, workflowId: stage.reusedFromWorkflowId }} preload={false}>
              {t("finder.reused")}
            </Link>
          </>
        )}
      </p>
      {running && (
        <progress
          className="stage-progress"
          aria-label={t("finder.progressLabel", { stage: title })}
          {...(stage.total > 0 ? { value: stage.done, max: stage.total } : {})}
        />
      )}
      {stage.failure && (
        <p className="stage-failure small">
          <strong>{failureKindName(t, stage.failure.kind)}</strong> <span lang="en">{sentence(stage.failure.message)}</span>
        </p>
      )}
      {(done || isOver(workflow)) && (
        <div className="stage-commands">
          {done && (
            <button type="button" className="button button-small" aria-expanded={open} aria-label={`${t("finder.artifact")}: ${title}`} onClick={() => setOpen(!open)}>
              {t("finder.artifact")}
            </button>
          )}
          {isOver(workflow) && stage.state !== RunState.QUEUED && (
            <RetryButton workflow={workflow} from={stage.kind} label={t("finder.retryFrom")} name={t("finder.retryFromNamed", { stage: title })} />
          )}
        </div>
      )}
      {open &&
        (artifact ? (
          <StageArtifact artifact={artifact} />
        ) : artifactFailure ? (
          <Failed title={t("finder.artifactFailed")} detail={failureText(t, artifactFailure)} onRetry={onReload} />
        ) : (
          <Loading />
        ))}
    </li>
  );
}
