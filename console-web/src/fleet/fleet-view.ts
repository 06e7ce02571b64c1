import type { Runtime, RuntimesUpdate } from "../gen/banto/v1/runtime_registry_pb";
import type { WorkerInfo, WorkersUpdate } from "../gen/banto/v1/worker_pb";

/** Ordered by runtime id. */
export type RuntimesView = readonly Runtime[];

/** Ordered by runtime and worker id. */
export type WorkersView = readonly WorkerInfo[];

export function reduceRuntimes(view: RuntimesView | undefined, { kind }: RuntimesUpdate): RuntimesView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.runtimes;
    case "upserted": {
      const changed = kind.value;
      const known = view?.find((runtime) => runtime.runtimeId === changed.runtimeId);
      if (known && known.version >= changed.version) {
        return view;
      }
      const others = (view ?? []).filter((runtime) => runtime !== known);
      return [...others, changed].toSorted((a, b) => compare(a.runtimeId, b.runtimeId));
    }
    case "heartbeat":
    case undefined:
      return view;
  }
}

export function reduceWorkers(view: WorkersView | undefined, { kind }: WorkersUpdate): WorkersView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.workers;
    case "upserted": {
      const changed = kind.value;
      const known = view?.find((worker) => sameWorker(worker, changed));
      if (known && known.version >= changed.version) {
        return view;
      }
      const others = (view ?? []).filter((worker) => worker !== known);
      return [...others, changed].toSorted(
        (a, b) => compare(a.runtimeId, b.runtimeId) || compare(a.workerId, b.workerId),
      );
    }
    case "heartbeat":
    case undefined:
      return view;
  }
}

export type WorkerKey = Pick<WorkerInfo, "runtimeId" | "workerId">;

export function sameWorker(a: WorkerKey, b: WorkerKey): boolean {
  return a.runtimeId === b.runtimeId && a.workerId === b.workerId;
}

function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
