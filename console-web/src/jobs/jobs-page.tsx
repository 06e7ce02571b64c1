import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Job } from "../gen/banto/v1/jobs_pb";
import { addWorkTexts } from "../i18n/work-texts";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { failureText } from "../ui/failure-text";
import { costText, durationText, momentText, spanMs, stateName, stateSlug, tokensText } from "../ui/format";
import { IconButton } from "../ui/icon-button";
import { Empty, Failed, Loading, Refused } from "../ui/states";
import { type JobFilter, type JobSearch, filterOf, jobStates, jobTypes } from "./job-filter";
import { jobTypeName } from "./job-type";
import "./jobs.css";
import { mergeJobs } from "./merge-jobs";
import { RunStateBadge } from "./run-state-badge";
import { useListedJobs } from "./use-listed-jobs";

addWorkTexts();

const route = getRouteApi("/jobs");

/** `/jobs`, with what it is narrowed down to in the address. */
export function JobsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = route.useSearch();
  const filter = useMemo(() => filterOf(search), [search]);
  const id = useId();
  useDocumentTitle(t("job.title"));
  const narrow = (change: JobSearch) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== ""));
    void navigate({ to: "/jobs", search: next, replace: true });
  };
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t("job.title")}</h1>
          <p className="soft">{t("job.lead")}</p>
        </div>
        <div className="job-filters" role="group" aria-label={t("job.filters")}>
          <label htmlFor={`${id}-state`}>{t("job.filter")}</label>
          <select
            id={`${id}-state`}
            className="field"
            value={filter.state === undefined ? "" : stateSlug(filter.state)}
            onChange={({ target }) => narrow({ state: target.value })}
          >
            <option value="">{t("job.all")}</option>
            {jobStates.map((candidate) => (
              <option key={candidate} value={stateSlug(candidate)}>
                {stateName(t, candidate)}
              </option>
            ))}
          </select>
          <label htmlFor={`${id}-type`}>{t("job.type")}</label>
          <select
            id={`${id}-type`}
            className="field"
            value={jobTypes.find(([type]) => type === filter.type)?.[1] ?? ""}
            onChange={({ target }) => narrow({ type: target.value })}
          >
            <option value="">{t("job.allTypes")}</option>
            {jobTypes.map(([type, name]) => (
              <option key={name} value={name}>
                {jobTypeName(t, type)}
              </option>
            ))}
          </select>
          <ConversationFilter id={`${id}-conversation`} value={filter.conversationId} onChange={(conversation) => narrow({ conversation })} />
        </div>
      </div>
      <OnlyOf search={search} onNarrow={narrow} />
      <JobList key={JSON.stringify(search)} filter={filter} onClear={() => void navigate({ to: "/jobs", search: {}, replace: true })} />
    </div>
  );
}

/** What the address narrows the list down to and no field shows; another page linked here. */
function OnlyOf({ search, onNarrow }: { readonly search: JobSearch; readonly onNarrow: (change: JobSearch) => void }) {
  const { t } = useTranslation();
  const narrowed = [
    ["task", t("job.ofTask"), search.task],
    ["workflow", t("job.ofWorkflow"), search.workflow],
    ["plan", t("job.ofPlan"), search.plan],
  ] as const;
  return (
    <p className="jobs-only">
      {narrowed.map(
        ([field, name, id]) =>
          id !== undefined && (
            <span key={field} className="tag">
              {t("job.only", { name, id })}
              <IconButton icon={X} label={t("job.removeFilter", { name })} onClick={() => onNarrow({ [field]: "" })} />
            </span>
          ),
      )}
    </p>
  );
}

interface ConversationFilterProps {
  readonly id: string;
  readonly value: string | undefined;
  readonly onChange: (conversationId: string) => void;
}

/** Of the listed conversations; one that is in the address and not in the list stays. */
function ConversationFilter({ id, value, onChange }: ConversationFilterProps) {
  const { t } = useTranslation();
  const conversations = useWatched({ kind: "conversations" });
  const listed = conversations.phase === "ready" ? conversations.view : [];
  const unlisted = value !== undefined && !listed.some(({ conversationId }) => conversationId === value);
  return (
    <>
      <label htmlFor={id}>{t("job.inConversation")}</label>
      <select id={id} className="field" value={value ?? ""} onChange={({ target }) => onChange(target.value)}>
        <option value="">{t("job.allConversations")}</option>
        {unlisted && <option value={value}>{value}</option>}
        {listed.map(({ conversationId, title }) => (
          <option key={conversationId} value={conversationId}>
            {title || t("conversations.untitled")}
          </option>
        ))}
      </select>
    </>
  );
}

interface JobListProps {
  readonly filter: JobFilter;
  readonly onClear: () => void;
}

function JobList({ filter, onClear }: JobListProps) {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const narrowed = Object.values(filter).some((value) => value !== undefined);
  const live = useWatched({ kind: "jobs" });
  const listed = useListedJobs(filter);
  const jobs = useMemo(
    () => mergeJobs(listed.jobs, live.phase === "ready" ? live.view : [], filter),
    [listed.jobs, live, filter],
  );
  if (listed.failure && jobs.length === 0) {
    return <Refused failure={listed.failure} scope="read" title={t("job.failed")} onRetry={listed.retry} />;
  }
  if (jobs.length === 0) {
    if (listed.loading || live.phase === "loading") {
      return <Loading />;
    }
    return narrowed ? (
      <Empty>
        <p>{listed.hasMore ? t("job.noneYet") : t("job.noneMatches")}</p>
        {listed.hasMore && (
          <button type="button" className="button" onClick={listed.loadMore}>
            {t("job.more")}
          </button>
        )}
        <button type="button" className="button" onClick={onClear}>
          {t("job.clearFilters")}
        </button>
      </Empty>
    ) : (
      <Empty>
        <p>
          {t("job.none")} <Link to="/">{t("app.goHome")}</Link>
        </p>
      </Empty>
    );
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
          {listed.loading ? t("error.loading") : t("job.more")}
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
          <th scope="col" className="number">
            {t("job.duration")}
          </th>
          <th scope="col" className="number">
            {t("job.tokens")}
          </th>
          <th scope="col" className="number">
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
          {jobTypeName(t, job.jobType)}
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
      <td className="number">{span === undefined ? "–" : durationText(span, language)}</td>
      <td className="number">{guided ? "–" : tokensText(t, job.usage, language)}</td>
      <td className="number">{guided ? "–" : costText(t, job.usage, language)}</td>
    </tr>
  );
}
