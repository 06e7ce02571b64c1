import { Link, getRouteApi } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { AnswerSource, type WorkerInfo, WorkerState } from "../gen/banto/v1/worker_pb";
import { addWorkTexts } from "../i18n/work-texts";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { CopyButton } from "../ui/copy-button";
import { exactMomentText, failureKindName } from "../ui/format";
import { Failed, Loading } from "../ui/states";
import { ActiveTurns } from "./active-turns";
import { CapabilityList } from "./capability-list";
import "./fleet.css";
import { sameWorker } from "./fleet-view";
import { WorkerCommands } from "./worker-commands";
import { WorkerStateBadge } from "./worker-state";

addWorkTexts();

const route = getRouteApi("/runtimes/$runtimeId/$workerId");

/** `/runtimes/:runtimeId/:workerId` */
export function WorkerPage() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const key = route.useParams();
  const workers = useWatched({ kind: "workers" });
  const worker = workers.phase === "ready" ? workers.view.find((candidate) => sameWorker(candidate, key)) : undefined;
  useDocumentTitle(worker?.displayName ?? t("runtime.title"));
  return (
    <div className="page">
      <Link to="/runtimes" className="back-link">
        <ChevronLeft aria-hidden="true" size={14} /> {t("runtime.back")}
      </Link>
      {workers.phase === "loading" && <Loading />}
      {workers.phase === "failed" && (
        <Failed title={t("runtime.failed")} detail={workers.failure.message} onRetry={() => feed.retryNow()} />
      )}
      {workers.phase === "ready" && (worker ? <WorkerDetail worker={worker} /> : <Failed title={t("worker.notFound")} />)}
    </div>
  );
}

function WorkerDetail({ worker }: { readonly worker: WorkerInfo }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{worker.displayName}</h1>
          <p className="mono soft">{worker.displayRef}</p>
        </div>
        <WorkerCommands worker={worker} />
      </div>
      <dl className="facts">
        <dt>{t("worker.state")}</dt>
        <dd>
          <WorkerStateBadge state={worker.state} />
        </dd>
        {worker.cause !== "" && (
          <>
            <dt>{t("worker.cause")}</dt>
            <dd className="worker-cause">
              {sentence(worker.cause)}
              {worker.state === WorkerState.UNAVAILABLE && (
                <>
                  {" "}
                  <Link to="/settings/providers">{t("worker.useProviders")}</Link>
                </>
              )}
            </dd>
          </>
        )}
        <dt>{t("worker.answers")}</dt>
        <dd>{worker.answerSource === AnswerSource.GUIDE ? t("worker.answersGuide") : t("worker.answersModel")}</dd>
        {worker.answerSource !== AnswerSource.GUIDE && (
          <>
            <dt>{t("worker.model")}</dt>
            <dd>{worker.model || t("message.unknown")}</dd>
            <dt>{t("worker.provider")}</dt>
            <dd>{worker.providerId || t("message.unknown")}</dd>
          </>
        )}
        <dt>{t("worker.capabilities")}</dt>
        <dd>
          <CapabilityList capabilities={worker.capabilities} />
        </dd>
        <dt>{t("worker.turns")}</dt>
        <dd>
          {worker.activeTurnIds.length === 0 ? (
            <span className="soft">{t("worker.noTurns")}</span>
          ) : (
            <ActiveTurns turnIds={worker.activeTurnIds} />
          )}
        </dd>
        <dt>{t("worker.lastError")}</dt>
        <dd>
          {worker.lastError ? (
            <>
              {failureKindName(t, worker.lastError.kind)}: <span className="soft">{worker.lastError.message}</span>
            </>
          ) : (
            <span className="soft">{t("worker.noError")}</span>
          )}
        </dd>
        <dt>{t("worker.id")}</dt>
        <dd className="worker-id mono">
          {worker.workerId} <CopyButton text={worker.workerId} label={t("worker.copyId")} />
        </dd>
        {worker.updatedAt && (
          <>
            <dt>{t("worker.updated")}</dt>
            <dd>{exactMomentText(worker.updatedAt, i18n.language)}</dd>
          </>
        )}
      </dl>
    </>
  );
}
