import type { Workspace, WorkspacesUpdate } from "../gen/banto/v1/workspaces_pb";

/** The open workspaces: the default one first, then by name. */
export type WorkspacesView = readonly Workspace[];

export function reduceWorkspaces(view: WorkspacesView | undefined, { kind }: WorkspacesUpdate): WorkspacesView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.workspaces;
    case "upserted": {
      const changed = kind.value;
      const known = view?.find(({ workspaceId }) => workspaceId === changed.workspaceId);
      if (known && known.version >= changed.version) {
        return view;
      }
      const others = (view ?? [])
        .filter((workspace) => workspace !== known)
        // There is one default; its predecessor's own change may come later.
        .map((workspace) => (changed.isDefault && workspace.isDefault ? { ...workspace, isDefault: false } : workspace));
      return changed.closedAt ? others : [...others, changed].toSorted(inOrder);
    }
    case "heartbeat":
    case undefined:
      return view;
  }
}

/** The workspace of that id, else the default one, else the first. */
export function workspaceOf(view: WorkspacesView, workspaceId: string | undefined): Workspace | undefined {
  return view.find((workspace) => workspace.workspaceId === workspaceId) ?? view.find(({ isDefault }) => isDefault) ?? view[0];
}

export function inOrder(a: Workspace, b: Workspace): number {
  return Number(b.isDefault) - Number(a.isDefault) || a.name.localeCompare(b.name);
}
