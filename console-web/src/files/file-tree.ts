import type { TaskFile } from "../gen/banto/v1/tasks_pb";
import { counts } from "./selection";

/** A line of a tree that is shown line by line. */
export type TreeRow =
  | {
      readonly kind: "folder";
      /** Path of the folder, with its slash at the end. */
      readonly path: string;
      /** What is shown of it; folders with nothing but one folder are one line. */
      readonly name: string;
      readonly depth: number;
      readonly open: boolean;
      readonly total: number;
      readonly counted: number;
    }
  | { readonly kind: "file"; readonly file: TaskFile; readonly name: string; readonly depth: number };

interface Folder {
  readonly path: string;
  readonly name: string;
  readonly folders: Map<string, Folder>;
  readonly files: TaskFile[];
}

/** The files as a tree: folders first, each in the order of names; closed folders without what is in them. */
export function treeRows(files: readonly TaskFile[], closed: ReadonlySet<string>): readonly TreeRow[] {
  const top: Folder = { path: "", name: "", folders: new Map(), files: [] };
  for (const file of files) {
    let folder = top;
    for (const part of file.path.split("/").slice(0, -1)) {
      const next = folder.folders.get(part) ?? { path: `${folder.path}${part}/`, name: part, folders: new Map(), files: [] };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push(file);
  }
  return rowsOf(top, 0, closed);
}

function rowsOf(folder: Folder, depth: number, closed: ReadonlySet<string>): TreeRow[] {
  const folders = byName([...folder.folders.values()]).flatMap((inner): TreeRow[] => {
    const { last, name } = joined(inner);
    const open = !closed.has(last.path);
    const all = filesIn(last);
    const row: TreeRow = { kind: "folder", path: last.path, name, depth, open, total: all.length, counted: all.filter(counts).length };
    return open ? [row, ...rowsOf(last, depth + 1, closed)] : [row];
  });
  const files = folder.files
    .map((file) => ({ kind: "file" as const, file, name: file.path.slice(folder.path.length), depth }))
    .toSorted((a, b) => compare(a.name, b.name));
  return [...folders, ...files];
}

/** A folder that holds nothing but one folder is said in one breath with it. */
function joined(folder: Folder): { readonly last: Folder; readonly name: string } {
  let last = folder;
  let name = folder.name;
  for (;;) {
    const [only, ...others] = last.folders.values();
    if (only === undefined || others.length > 0 || last.files.length > 0) {
      return { last, name };
    }
    last = only;
    name = `${name}/${only.name}`;
  }
}

function filesIn(folder: Folder): readonly TaskFile[] {
  return [...folder.files, ...[...folder.folders.values()].flatMap(filesIn)];
}

function byName(folders: readonly Folder[]): readonly Folder[] {
  return folders.toSorted((a, b) => compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
