import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type WorkerInfo, WorkerState } from "../gen/banto/v1/worker_pb";
import { useConsole } from "../shell/console-context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { failureText } from "../ui/failure-text";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";

export function WorkerCommands({ worker }: { readonly worker: WorkerInfo }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { runtimeId, workerId } = worker;
  const [asking, setAsking] = useState(false);
  const restart = useCall(() => clients.workers.restartWorker({ runtimeId, workerId }));
  const stop = useCall(async () => {
    await clients.workers.stopWorker({ runtimeId, workerId });
    setAsking(false);
  });
  return (
    <div className="worker-commands">
      <button
        type="button"
        className="button button-small"
        disabled={worker.state === WorkerState.STOPPED}
        onClick={() => setAsking(true)}
      >
        {stop.pending ? t("worker.stopping") : t("worker.stop")}
      </button>
      <button type="button" className="button button-small" disabled={restart.pending} onClick={() => void restart.run()}>
        {restart.pending && <span className="spinner" aria-hidden="true" />}
        {restart.pending ? t("worker.restarting") : t("worker.restart")}
      </button>
      {restart.failure && <Refused failure={restart.failure} scope="all" />}
      <ConfirmDialog
        open={asking}
        title={t("worker.stopTitle")}
        text={t("worker.stopText")}
        action={t("worker.stop")}
        pending={stop.pending}
        failure={stop.failure && (stop.failure.is("SCOPE_DENIED") ? t("error.forbidden", { scope: "all" }) : failureText(t, stop.failure))}
        onConfirm={() => void stop.run()}
        onClose={() => {
          stop.forget();
          setAsking(false);
        }}
      />
    </div>
  );
}
