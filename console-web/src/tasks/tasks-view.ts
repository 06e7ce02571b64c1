import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Task, TaskUpdate, TasksUpdate } from "../gen/banto/v1/tasks_pb";

/** Tasks of a workspace that are not archived, the most recently changed first. */
export type TasksView = readonly Task[];

/** One task, whole. */
export type TaskView = Task;

/** As many as a snapshot may hold; older ones are a page away. */
const kept = 100;

export function reduceTasks(view: TasksView | undefined, { kind }: TasksUpdate): TasksView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.tasks;
    case "upserted": {
      const changed = kind.value;
      const known = view?.find(({ taskId }) => taskId === changed.taskId);
      if (known && known.revision >= changed.revision) {
        return view;
      }
      const others = (view ?? []).filter((task) => task !== known);
      return changed.archivedAt ? others : byChange([changed, ...others]).slice(0, kept);
    }
    case "heartbeat":
    case undefined:
      return view;
  }
}

export function reduceTask(view: TaskView | undefined, { kind }: TaskUpdate): TaskView | undefined {
  return kind.case === "upserted" && (view === undefined || view.revision < kind.value.revision) ? kind.value : view;
}

/**
 * Lays what the feed knows over pages that were listed: newer revisions win, and
 * new tasks come in where nothing was searched for. What matches a search the
 * server alone knows.
 */
export function mergeTasks(listed: readonly Task[], live: TasksView, filter: { readonly query: string; readonly archived: boolean }): TasksView {
  const merged = new Map(listed.map((task) => [task.taskId, task] as const));
  for (const task of live) {
    const known = merged.get(task.taskId);
    if (known === undefined ? filter.query === "" : known.revision < task.revision) {
      merged.set(task.taskId, task);
    }
  }
  return byChange([...merged.values()].filter(({ archivedAt }) => (archivedAt !== undefined) === filter.archived));
}

function byChange(tasks: readonly Task[]): readonly Task[] {
  return tasks.toSorted((a, b) => changedAt(b) - changedAt(a) || (a.taskId < b.taskId ? 1 : -1));
}

function changedAt({ updatedAt }: Task): number {
  return updatedAt ? timestampMs(updatedAt) : 0;
}
