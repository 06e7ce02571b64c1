import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { FileEncoding, FileKind, type Workspace, WorkspaceSchema, Workspaces } from "../src/gen/banto/v1/workspaces_pb";
import { BadRequestSchema, ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb";

export const reasoned = (code: Code, reason: string, message: string, metadata: Record<string, string> = {}) =>
  new ConnectError(message, code, undefined, [{ desc: ErrorInfoSchema, value: { reason, domain: "banto.v1", metadata } }]);

const wrong = (field: string, description: string) =>
  new ConnectError(description, Code.InvalidArgument, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "INVALID_INPUT", domain: "banto.v1" } },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field, description }] } },
  ]);

const root = (name: string) => ({ name, git: true, headCommit: "1f2e3d4c5b6a79880f1e2d3c4b5a69788f7e6d5c", branch: "main" });

export const workspaces: Workspace[] = [
  create(WorkspaceSchema, {
    workspaceId: "01980000-0000-7000-8000-0000000000a1",
    name: "banto",
    isDefault: true,
    version: 1n,
    createdAt: timestampNow(),
    roots: [root("banto"), { ...root("shared-docs"), git: false, headCommit: "", branch: "" }],
  }),
  create(WorkspaceSchema, {
    workspaceId: "01980000-0000-7000-8000-0000000000a2",
    name: "商品カタログ",
    version: 1n,
    createdAt: timestampNow(),
    roots: [{ ...root("catalogue"), problem: "the folder is not there any more" }],
  }),
];

type Listener = (workspace: Workspace) => void;
export const workspaceListeners = new Set<Listener>();

function change(workspace: Workspace, fields: Partial<Workspace>): Workspace {
  Object.assign(workspace, fields, { version: workspace.version + 1n });
  for (const tell of workspaceListeners) {
    tell({ ...workspace });
  }
  return workspace;
}

export function workspaceOf(id: string): Workspace {
  const found = workspaces.find(({ workspaceId, isDefault }) => (id === "" ? isDefault : workspaceId === id));
  if (found === undefined) {
    throw reasoned(Code.NotFound, "WORKSPACE_NOT_FOUND", "there is no such workspace");
  }
  return found;
}

/** Paths of the console's own sources, and some that were never there. */
export const paths: string[] = [
  ...(readdirSync("src", { recursive: true }) as string[]).filter((path) => /\.\w+$/.test(path)).map((path) => `console-web/src/${path}`),
  ".env",
  "console-web/public/banto.svg",
  ...Array.from({ length: 900 }, (_, index) => `server/src/room_${index % 30}/part_${index}.rs`),
].toSorted();

const entry = (path: string) => ({
  path,
  sizeBytes: BigInt(sizeOf(path)),
  kind: path.includes("spec") ? FileKind.TEST : FileKind.SOURCE,
  looksSecret: path.endsWith(".env"),
});

export function sizeOf(path: string): number {
  try {
    return statSync(join("..", path)).size;
  } catch {
    return 1200;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(join("..", path), "utf8");
  } catch {
    return Array.from({ length: 80 }, (_, line) => `// ${path}, line ${line + 1}\nfn part_${line}() -> u32 { ${line} }`).join("\n");
  }
}

export function fakeWorkspaces(router: ConnectRouter): void {
  router.service(Workspaces, {
    listWorkspaces: ({ includeClosed }) => ({ workspaces: workspaces.filter(({ closedAt }) => includeClosed || !closedAt) }),
    getWorkspace: ({ workspaceId }) => ({ workspace: workspaceOf(workspaceId) }),
    openWorkspace: ({ path, name }) => {
      if (!path.startsWith("/")) {
        throw wrong("path", "must be an absolute path");
      }
      if (path.includes("missing")) {
        throw wrong("path", "is not a folder that the server can read");
      }
      const folder = path.split("/").findLast((part) => part !== "") ?? "root";
      const known = workspaces.find(({ roots }) => roots[0]?.name === folder);
      if (known) {
        const opened = known.closedAt !== undefined;
        delete known.closedAt;
        return { workspace: change(known, {}), opened };
      }
      const workspace = create(WorkspaceSchema, { workspaceId: randomUUID(), name: name || folder, roots: [root(folder)], createdAt: timestampNow() });
      workspaces.push(workspace);
      return { workspace: change(workspace, {}), opened: true };
    },
    updateWorkspace: ({ workspaceId, name, isDefault, addRootPaths, removeRootNames }) => {
      const workspace = workspaceOf(workspaceId);
      if (addRootPaths.some((path) => !path.startsWith("/"))) {
        throw wrong("add_root_paths", "must be absolute paths");
      }
      if (isDefault === true) {
        workspaces.filter((other) => other.isDefault).forEach((other) => change(other, { isDefault: false }));
      }
      const kept = workspace.roots.filter((other) => !removeRootNames.includes(other.name));
      const added = create(WorkspaceSchema, { roots: addRootPaths.map((path) => root(path.split("/").at(-1) ?? "root")) }).roots;
      return { workspace: change(workspace, { name: name ?? workspace.name, isDefault: isDefault ?? workspace.isDefault, roots: [...kept, ...added] }) };
    },
    closeWorkspace: ({ workspaceId }) => {
      const workspace = workspaceOf(workspaceId);
      if (workspace.isDefault) {
        throw reasoned(Code.FailedPrecondition, "WORKSPACE_IN_USE", "the default workspace cannot be closed");
      }
      return { workspace: change(workspace, { closedAt: timestampNow() }) };
    },
    grantProvider: ({ workspaceId, providerId, revoke }) => {
      const workspace = workspaceOf(workspaceId);
      const others = workspace.grants.filter((grant) => grant.providerId !== providerId);
      const own = create(WorkspaceSchema, { grants: [{ providerId, grantedBy: "Console on Linux", grantedAt: timestampNow() }] }).grants;
      return { workspace: change(workspace, { grants: revoke ? others : [...others, ...own] }) };
    },
    listFiles: ({ query, pageSize }) => {
      const words = query.toLowerCase().split(/\s+/);
      const found = paths.filter((path) => words.every((word) => path.toLowerCase().includes(word)));
      return { files: found.slice(0, pageSize || 1000).map(entry), total: BigInt(found.length) };
    },
    readFile: ({ path }) => {
      if (!paths.includes(path)) {
        throw reasoned(Code.NotFound, "FILE_NOT_FOUND", "there is no such file");
      }
      const binary = path.endsWith(".svg");
      return { file: entry(path), text: binary ? "" : textOf(path), firstLine: 1, binary, encoding: FileEncoding.UTF8, sha256: "ab".repeat(32) };
    },
  });
}
