import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type WorkerInfo, WorkerState } from "../gen/banto/v1/worker_pb";
import { useConsole } from "../shell/console-context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { failureText } from "../ui/failure-text";
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
        {t("worker.stop")}
      </button>
      <button type="button" className="button button-small" disabled={restart.pending} onClick={() => void restart.run()}>
        {t("worker.restart")}
      </button>
      {restart.failure && (
        <p className="inline-failure" role="alert">
          {failureText(t, restart.failure)}
        </p>
      )}
      <ConfirmDialog
        open={asking}
        title={t("worker.stopTitle")}
        text={t("worker.stopText")}
        action={t("worker.stop")}
        pending={stop.pending}
        failure={stop.failure && failureText(t, stop.failure)}
        onConfirm={() => void stop.run()}
        onClose={() => {
          stop.forget();
          setAsking(false);
        }}
      />
    </div>
  );
}
