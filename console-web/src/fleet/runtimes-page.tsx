import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { type Runtime, RuntimeKind } from "../gen/banto/v1/runtime_registry_pb";
import type { WorkerInfo } from "../gen/banto/v1/worker_pb";
import { addWorkTexts } from "../i18n/work-texts";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { Empty, Failed, Loading } from "../ui/states";
import { ActiveTurns } from "./active-turns";
import { CapabilityList } from "./capability-list";
import "./fleet.css";
import { WorkerCommands } from "./worker-commands";
import { WorkerStateBadge } from "./worker-state";

addWorkTexts();

/** `/runtimes` */
export function RuntimesPage() {
  const { t } = useTranslation();
  useDocumentTitle(t("runtime.title"));
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t("runtime.title")}</h1>
          <p className="soft">{t("runtime.lead")}</p>
        </div>
      </div>
      <Runtimes />
    </div>
  );
}

function Runtimes() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const runtimes = useWatched({ kind: "runtimes" });
  const workers = useWatched({ kind: "workers" });
  const failed = [runtimes, workers].find((watched) => watched.phase === "failed");
  if (failed?.phase === "failed") {
    return <Failed title={t("runtime.failed")} detail={failed.failure.message} onRetry={() => feed.retryNow()} />;
  }
  if (runtimes.phase !== "ready" || workers.phase !== "ready") {
    return <Loading />;
  }
  if (runtimes.view.length === 0) {
    return <Empty>{t("runtime.none")}</Empty>;
  }
  return runtimes.view.map((runtime) => (
    <RuntimeSection
      key={runtime.runtimeId}
      runtime={runtime}
      workers={workers.view.filter((worker) => worker.runtimeId === runtime.runtimeId)}
    />
  ));
}

interface RuntimeSectionProps {
  readonly runtime: Runtime;
  readonly workers: readonly WorkerInfo[];
}

function RuntimeSection({ runtime, workers }: RuntimeSectionProps) {
  const { t } = useTranslation();
  const titleId = `runtime-${runtime.runtimeId}`;
  return (
    <section className="runtime" aria-labelledby={titleId}>
      <header className="runtime-head">
        <h2 id={titleId}>{runtime.displayName}</h2>
        <span className="mono soft">{runtime.runtimeId}</span>
        {runtime.kind === RuntimeKind.BACKEND_INTERNAL && <span className="soft small">{t("runtime.backendInternal")}</span>}
      </header>
      <CapabilityList capabilities={runtime.capabilities} />
      <h3>{t("runtime.workers")}</h3>
      {workers.length === 0 ? (
        <Empty>{t("worker.none")}</Empty>
      ) : (
        <ul className="workers">
          {workers.map((worker) => (
            <WorkerItem key={worker.workerId} worker={worker} />
          ))}
        </ul>
      )}
    </section>
  );
}

function WorkerItem({ worker }: { readonly worker: WorkerInfo }) {
  const { t } = useTranslation();
  const { runtimeId, workerId } = worker;
  return (
    <li className="worker" data-worker-id={workerId}>
      <div className="worker-main">
        <p className="worker-name">
          <Link to="/runtimes/$runtimeId/$workerId" params={{ runtimeId, workerId }}>
            {worker.displayName}
          </Link>
          <WorkerStateBadge state={worker.state} />
        </p>
        <p className="soft small">
          {worker.model === "" ? t("worker.answersGuide") : `${worker.model} · ${worker.providerId}`}
          {worker.activeTurnIds.length > 0 && ` · ${t("worker.turns")}: ${worker.activeTurnIds.length}`}
        </p>
        {worker.activeTurnIds.length > 0 && <ActiveTurns turnIds={worker.activeTurnIds.slice(0, 3)} />}
        {worker.cause !== "" && <p className="worker-cause">{sentence(worker.cause)}</p>}
        {worker.lastError && (
          <p className="small">
            <span className="soft">{t("worker.lastError")}:</span> {worker.lastError.message}
          </p>
        )}
      </div>
      <WorkerCommands worker={worker} />
    </li>
  );
}
