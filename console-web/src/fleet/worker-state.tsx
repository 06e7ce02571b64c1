import { useTranslation } from "react-i18next";
import { WorkerState } from "../gen/banto/v1/worker_pb";

const looks = new Map<WorkerState, { key: "ready" | "busy" | "stopped" | "unavailable"; tone: string }>([
  [WorkerState.READY, { key: "ready", tone: "good" }],
  [WorkerState.BUSY, { key: "busy", tone: "busy" }],
  [WorkerState.STOPPED, { key: "stopped", tone: "warning" }],
  [WorkerState.UNAVAILABLE, { key: "unavailable", tone: "bad" }],
]);

export function WorkerStateBadge({ state }: { readonly state: WorkerState }) {
  const { t } = useTranslation();
  const look = looks.get(state);
  return (
    <span className="badge" data-tone={look?.tone} data-state={look?.key ?? "unknown"}>
      {look ? t(`worker.${look.key}`) : t("worker.unknown")}
    </span>
  );
}
