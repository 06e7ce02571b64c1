import { useSyncExternalStore } from "react";
import type { Watched } from "../feed/subjects";
import type { Workspace } from "../gen/banto/v1/workspaces_pb";
import { useWatched } from "../shell/console-context";
import { type WorkspacesView, workspaceOf } from "./workspaces-view";

const key = "banto.workspace";
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  // Another tab may choose, too.
  const onStorage = (event: StorageEvent) => event.key === key && listener();
  listeners.add(listener);
  addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", onStorage);
  };
}

/** The workspace that this browser works in. Empty: the default one. */
export function chooseWorkspace(workspaceId: string): void {
  if (workspaceId === "") {
    localStorage.removeItem(key);
  } else {
    localStorage.setItem(key, workspaceId);
  }
  changed();
}

export interface CurrentWorkspace {
  readonly watched: Watched<WorkspacesView>;
  /** Undefined until the workspaces are known, and where there is none. */
  readonly workspace: Workspace | undefined;
  /** What calls name. Empty: the default one. */
  readonly workspaceId: string;
}

/** The workspace in use; one that was closed gives way to the default one. */
export function useWorkspace(): CurrentWorkspace {
  const chosen = useSyncExternalStore(subscribe, () => localStorage.getItem(key) ?? "");
  const watched = useWatched({ kind: "workspaces" });
  const view = watched.phase === "ready" ? watched.view : undefined;
  const gone = view !== undefined && !view.some(({ workspaceId }) => workspaceId === chosen);
  return { watched, workspace: view && workspaceOf(view, chosen), workspaceId: gone ? "" : chosen };
}
