import { Link } from "@tanstack/react-router";
import { BookOpen, CirclePause, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AnswerSource, type WorkerInfo, WorkerState } from "../gen/banto/v1/worker_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";

/** What a person should know of the Companion before writing to it. */
export function CompanionNotice({ companion }: { readonly companion: WorkerInfo }) {
  const { t } = useTranslation();
  const { state } = companion;
  if (state === WorkerState.STOPPED || state === WorkerState.UNAVAILABLE) {
    return <OutOfWork companion={companion} />;
  }
  if (companion.answerSource === AnswerSource.GUIDE) {
    return (
      <div className="companion-notice" role="note">
        <BookOpen aria-hidden="true" size={16} />
        <p>
          <strong>{t("chat.guide")}</strong> <span className="soft">{t("chat.guideHelp")}</span>{" "}
          <Link to="/welcome">{t("firstRun.how")}</Link>
        </p>
      </div>
    );
  }
  return null;
}

function OutOfWork({ companion }: { readonly companion: WorkerInfo }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { runtimeId, workerId } = companion;
  const stopped = companion.state === WorkerState.STOPPED;
  const restart = useCall(() => clients.workers.restartWorker({ runtimeId, workerId }));
  const Icon = stopped ? CirclePause : TriangleAlert;
  return (
    <div className="companion-notice companion-notice-warning" role="alert">
      <Icon aria-hidden="true" size={16} />
      <div>
        <p>
          <strong>{stopped ? t("chat.stopped") : t("chat.unavailable")}</strong>
          {companion.cause !== "" && <>: {companion.cause}</>}
        </p>
        <p className="soft">{t("chat.unavailableHelp")}</p>
        {restart.failure && <p className="inline-failure">{failureText(t, restart.failure)}</p>}
        <p className="companion-notice-actions">
          <button
            type="button"
            className="button button-small"
            disabled={restart.pending}
            onClick={() => void restart.run()}
          >
            {t("chat.restart")}
          </button>
          <Link to="/runtimes/$runtimeId/$workerId" params={{ runtimeId, workerId }}>
            {t("chat.openWorker")}
          </Link>
        </p>
      </div>
    </div>
  );
}
