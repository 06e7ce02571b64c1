import { Link, getRouteApi } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isRunning } from "../conversation/conversation-view";
import type { GetJobResponse } from "../gen/banto/v1/jobs_pb";
import { addWorkTexts } from "../i18n/work-texts";
import { useConsole } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { CopyButton } from "../ui/copy-button";
import { Failed, Loading, Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { JobFacts } from "./job-facts";
import "./jobs.css";
import { RunStateBadge } from "./run-state-badge";
import { TurnLink } from "./turn-link";
import { useJob } from "./use-job";

addWorkTexts();

const route = getRouteApi("/jobs/$jobId");

/** `/jobs/:jobId` */
export function JobPage() {
  const { t } = useTranslation();
  const { jobId } = route.useParams();
  useDocumentTitle(t("job.detail"));
  return (
    <div className="page">
      <Link to="/jobs" className="back-link">
        <ChevronLeft aria-hidden="true" size={14} /> {t("job.back")}
      </Link>
      <JobDetail key={jobId} jobId={jobId} />
    </div>
  );
}

function JobDetail({ jobId }: { readonly jobId: string }) {
  const { t } = useTranslation();
  const { detail, failure, reload } = useJob(jobId);

  // An address that is no id is refused as malformed; to a person it is the same.
  const gone = failure !== undefined && (failure.notFound || failure.blames("job_id"));
  if (failure && (gone || detail === undefined)) {
    return gone ? (
      <Failed title={t("job.notFound")} />
    ) : (
      <Refused failure={failure} scope="read" title={t("job.failed")} onRetry={reload} />
    );
  }
  return detail?.job ? <JobTexts detail={detail} job={detail.job} /> : <Loading />;
}

interface JobTextsProps {
  readonly detail: GetJobResponse;
  readonly job: NonNullable<GetJobResponse["job"]>;
}

function JobTexts({ detail, job }: JobTextsProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [late, setLate] = useState(false);
  const cancel = useCall(async () => {
    const { cancelled } = await clients.jobs.cancelJob({ jobId: job.jobId });
    setLate(!cancelled);
  });
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{t("job.detail")}</h1>
          <p className="job-id mono soft">
            {job.jobId} <CopyButton text={job.jobId} label={t("job.copyId")} />
          </p>
        </div>
        <div className="job-head-actions">
          <RunStateBadge state={job.state} />
          {isRunning(job.state) && (
            <button type="button" className="button button-small" disabled={cancel.pending} onClick={() => void cancel.run()}>
              {cancel.pending ? t("job.cancelling") : t("job.cancel")}
            </button>
          )}
          {job.taskId !== "" && (
            <Link to="/tasks/$taskId" params={{ taskId: job.taskId }} className="button button-small">
              {t("job.task")}
            </Link>
          )}
          {job.taskId !== "" && job.workflowId !== "" && (
            <Link to="/tasks/$taskId/runs/$workflowId" params={{ taskId: job.taskId, workflowId: job.workflowId }} className="button button-small">
              {t("job.workflow")}
            </Link>
          )}
          {job.planId !== "" && (
            <Link to="/plans/$planId" params={{ planId: job.planId }} className="button button-small">
              {t("job.plan")}
            </Link>
          )}
          {job.conversationId !== "" && (
            <>
              <TurnLink conversationId={job.conversationId} turnId={job.turnId} className="button button-small">
                {t("job.conversation")}
              </TurnLink>
              <Link to="/jobs" search={{ conversation: job.conversationId }} className="button button-small">
                {t("job.siblings")}
              </Link>
            </>
          )}
        </div>
      </div>
      {cancel.failure && <Refused failure={cancel.failure} scope="chat" />}
      {late && <p role="status">{t("job.alreadyEnded")}</p>}
      <JobFacts job={job} />
      <section className="job-texts" aria-labelledby="job-prompt">
        <div className="job-texts-head">
          <h2 id="job-prompt">{t("job.prompt")}</h2>
          {detail.prompt.length > 1 && (
            <CopyButton
              text={JSON.stringify(
                detail.prompt.map(({ role, text }) => ({ role, content: text })),
                undefined,
                2,
              )}
              label={t("job.copyAll")}
            />
          )}
        </div>
        {detail.prompt.length === 0 && (
          <p className="soft">{detail.promptExpired ? t("job.promptExpired") : t("job.promptNone")}</p>
        )}
        {detail.prompt.map((part, index) => (
          // The parts of a sent request never change.
          // oxlint-disable-next-line react/no-array-index-key
          <ExactText key={index} head={part.role} text={part.text} digest={part.digest} />
        ))}
      </section>
      <section className="job-texts" aria-labelledby="job-response">
        <h2 id="job-response">{t("job.response")}</h2>
        {detail.response === "" ? (
          <p className="soft">{isRunning(job.state) ? t("job.responseNone") : t("job.responseEmpty")}</p>
        ) : (
          <ExactText head="assistant" text={detail.response} />
        )}
      </section>
    </>
  );
}

function ExactText({ head, text, digest }: { readonly head: string; readonly text: string; readonly digest?: string }) {
  const { t } = useTranslation();
  return (
    <div className="exact-text" data-prompt-role={head}>
      <div className="exact-text-head">
        <span className="mono">{head}</span>
        {digest !== undefined && digest !== "" && (
          <span className="mono soft" title={digest}>
            sha256 {digest.slice(0, 12)}
          </span>
        )}
        <CopyButton text={text} label={t("job.copyPrompt")} />
      </div>
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
