import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import { type Job, JobType } from "../gen/banto/v1/jobs_pb";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { failureText } from "../ui/failure-text";
import { costText, durationText, momentText, spanMs, stateName, stateSlug, tokensText } from "../ui/format";
import { Empty, Failed, Loading } from "../ui/states";
import "./jobs.css";
import { mergeJobs } from "./jobs-view";
import { RunStateBadge } from "./run-state-badge";
import { useListedJobs } from "./use-listed-jobs";

const route = getRouteApi("/jobs");

const states: readonly RunState[] = [
  RunState.QUEUED,
  RunState.RUNNING,
  RunState.COMPLETED,
  RunState.CANCELLED,
  RunState.TIMED_OUT,
  RunState.PROVIDER_FAILED,
  RunState.FAILED,
  RunState.INTERRUPTED,
];

/** `/jobs`, with the state to show in the address. */
export function JobsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = route.useSearch();
  const state = states.find((candidate) => stateSlug(candidate) === search.state);
  const filterId = useId();
  useDocumentTitle(t("job.title"));
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t("job.title")}</h1>
          <p className="soft">{t("job.lead")}</p>
        </div>
        <div className="job-filter">
          <label htmlFor={filterId}>{t("job.filter")}</label>
          <select
            id={filterId}
            className="field"
            value={state === undefined ? "" : stateSlug(state)}
            onChange={({ target }) =>
              void navigate({ to: "/jobs", search: target.value === "" ? {} : { state: target.value }, replace: true })
            }
          >
            <option value="">{t("job.all")}</option>
            {states.map((candidate) => (
              <option key={candidate} value={stateSlug(candidate)}>
                {stateName(t, candidate)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <JobList key={state} state={state} />
    </div>
  );
}

function JobList({ state }: { readonly state: RunState | undefined }) {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const live = useWatched({ kind: "jobs" });
  const listed = useListedJobs(state);
  const jobs = useMemo(
    () => mergeJobs(listed.jobs, live.phase === "ready" ? live.view : [], state),
    [listed.jobs, live, state],
  );
  if (listed.failure && jobs.length === 0) {
    return <Failed title={t("job.failed")} detail={failureText(t, listed.failure)} onRetry={listed.retry} />;
  }
  if (jobs.length === 0) {
    if (listed.loading || live.phase === "loading") {
      return <Loading />;
    }
    return <Empty>{state === undefined ? t("job.none") : t("job.noneInState")}</Empty>;
  }
  return (
    <>
      {live.phase === "failed" && (
        <Failed title={t("error.generic")} detail={live.failure.message} onRetry={() => feed.retryNow()} />
      )}
      <JobTable jobs={jobs} />
      {listed.failure && <Failed title={t("job.failed")} detail={failureText(t, listed.failure)} onRetry={listed.retry} />}
      {listed.hasMore && (
        <button type="button" className="button jobs-more" disabled={listed.loading} onClick={listed.loadMore}>
          {t("job.more")}
        </button>
      )}
    </>
  );
}

function JobTable({ jobs }: { readonly jobs: readonly Job[] }) {
  const { t, i18n } = useTranslation();
  return (
    <table className="jobs">
      <caption className="visually-hidden">{t("job.title")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("job.created")}</th>
          <th scope="col">{t("job.state")}</th>
          <th scope="col">{t("job.model")}</th>
          <th scope="col" className="wide-only number">
            {t("job.duration")}
          </th>
          <th scope="col" className="wide-only number">
            {t("job.tokens")}
          </th>
          <th scope="col" className="wide-only number">
            {t("job.cost")}
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.jobId} job={job} language={i18n.language} />
        ))}
      </tbody>
    </table>
  );
}

function JobRow({ job, language }: { readonly job: Job; readonly language: string }) {
  const { t } = useTranslation();
  const span = spanMs(job.startedAt, job.endedAt);
  const guided = job.providerId === "" && job.model === "";
  return (
    <tr data-job-id={job.jobId} data-state={stateSlug(job.state)}>
      <td>
        <Link to="/jobs/$jobId" params={{ jobId: job.jobId }} className="job-link">
          {job.createdAt ? momentText(job.createdAt, language) : job.jobId}
        </Link>
        <span className="job-type soft small">
          {job.jobType === JobType.COMPANION_TURN ? t("job.companionTurn") : t("job.unknownType")}
        </span>
      </td>
      <td>
        <RunStateBadge state={job.state} />
        {job.attempts.length > 1 && (
          <span className="job-type soft small">
            {t("job.attempts")}: {job.attempts.length}
          </span>
        )}
      </td>
      <td className="job-model">{guided ? <span className="soft">{t("job.guide")}</span> : job.model}</td>
      <td className="wide-only number">{span === undefined ? "–" : durationText(span, language)}</td>
      <td className="wide-only number">{guided ? "–" : tokensText(t, job.usage, language)}</td>
      <td className="wide-only number">{guided ? "–" : costText(t, job.usage, language)}</td>
    </tr>
  );
}
