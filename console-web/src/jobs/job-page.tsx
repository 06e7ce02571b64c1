import { Link, getRouteApi } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import { isRunning } from "../conversation/conversation-view";
import type { GetJobResponse } from "../gen/banto/v1/jobs_pb";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { CopyButton } from "../ui/copy-button";
import { failureText } from "../ui/failure-text";
import { Failed, Loading } from "../ui/states";
import { useCall } from "../ui/use-call";
import { JobFacts } from "./job-facts";
import "./jobs.css";
import { RunStateBadge } from "./run-state-badge";

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
  const { clients } = useConsole();
  const [detail, setDetail] = useState<GetJobResponse>();
  const [failure, setFailure] = useState<CallFailure>();
  const [round, setRound] = useState(0);
  const live = useWatched({ kind: "jobs" });
  // The feed says that the job changed; its texts are fetched.
  const version = live.phase === "ready" ? live.view.find((job) => job.jobId === jobId)?.version : undefined;

  useEffect(() => {
    const abort = new AbortController();
    clients.jobs
      .getJob({ jobId }, { signal: abort.signal })
      .then((response) => {
        setDetail(response);
        setFailure(undefined);
      })
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) {
          setFailure(CallFailure.from(thrown));
        }
      });
    return () => abort.abort();
  }, [clients, jobId, version, round]);

  if (failure) {
    return failure.notFound ? (
      <Failed title={t("job.notFound")} />
    ) : (
      <Failed title={t("job.failed")} detail={failureText(t, failure)} onRetry={() => setRound(round + 1)} />
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
          <p className="mono soft">{job.jobId}</p>
        </div>
        <div className="job-head-actions">
          <RunStateBadge state={job.state} />
          {isRunning(job.state) && (
            <button type="button" className="button button-small" disabled={cancel.pending} onClick={() => void cancel.run()}>
              {t("job.cancel")}
            </button>
          )}
          {job.conversationId !== "" && (
            <Link to="/c/$conversationId" params={{ conversationId: job.conversationId }} className="button button-small">
              {t("job.conversation")}
            </Link>
          )}
        </div>
      </div>
      {cancel.failure && (
        <p className="inline-failure" role="alert">
          {failureText(t, cancel.failure)}
        </p>
      )}
      {late && <p role="status">{t("job.alreadyEnded")}</p>}
      <JobFacts job={job} />
      <section className="job-texts" aria-labelledby="job-prompt">
        <h2 id="job-prompt">{t("job.prompt")}</h2>
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
          <p className="soft">{t("job.responseNone")}</p>
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
