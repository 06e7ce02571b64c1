import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { type Workspace, WorkspaceSchema, WorkspacesUpdateSchema } from "../gen/banto/v1/workspaces_pb";
import { reduceWorkspaces, workspaceOf } from "./workspaces-view";

const workspace = (name: string, version: number, fields: Partial<Workspace> = {}) =>
  create(WorkspaceSchema, { workspaceId: name, name, version: BigInt(version), ...fields } as never);
const upserted = (value: Workspace) => create(WorkspacesUpdateSchema, { kind: { case: "upserted", value } });
const names = (view: readonly Workspace[] | undefined) => view?.map(({ name }) => name);

describe("reduceWorkspaces", () => {
  const view = reduceWorkspaces(
    undefined,
    create(WorkspacesUpdateSchema, {
      kind: { case: "snapshot", value: { workspaces: [workspace("b", 2, { isDefault: true }), workspace("a", 1), workspace("c", 1)] } },
    }),
  );

  it("keeps the default first, then the names in order, and one default only", () => {
    const next = reduceWorkspaces(view, upserted(workspace("c", 2, { isDefault: true })));
    expect(names(next)).toEqual(["c", "a", "b"]);
    expect(next?.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  it("drops what is not newer, and what was closed", () => {
    expect(reduceWorkspaces(view, upserted(workspace("b", 1)))).toBe(view);
    expect(names(reduceWorkspaces(view, upserted(workspace("a", 2, { closedAt: timestampNow() }))))).toEqual(["b", "c"]);
  });

  it("finds the chosen one, else the default one", () => {
    expect(workspaceOf(view ?? [], "c")?.name).toBe("c");
    expect(workspaceOf(view ?? [], "gone")?.name).toBe("b");
    expect(workspaceOf([], undefined)).toBeUndefined();
  });
});
