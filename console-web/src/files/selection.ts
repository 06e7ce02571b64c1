import { create } from "@bufbuild/protobuf";
import { FileChoice, FileSource, type TaskFile, TaskFileSchema } from "../gen/banto/v1/tasks_pb";

/** What a person decided about a path. UNSPECIFIED takes a decision back. */
export interface Decision {
  readonly path: string;
  readonly choice: FileChoice;
}

/** Whether a file counts: found or wanted, and not excluded. */
export function counts({ choice, source, workflowId }: Pick<TaskFile, "choice" | "source" | "workflowId">): boolean {
  return choice === FileChoice.UNSPECIFIED
    ? source !== FileSource.UNSPECIFIED || workflowId !== ""
    : choice !== FileChoice.EXCLUDED;
}

/**
 * The files as they will be once the server has taken the decisions. What was
 * only there because somebody chose it goes with the choice.
 */
export function decide(files: readonly TaskFile[], decisions: readonly Decision[]): readonly TaskFile[] {
  if (decisions.length === 0) {
    return files;
  }
  const wanted = new Map(decisions.map(({ path, choice }) => [path, choice] as const));
  const changed = files.flatMap((file) => {
    const choice = wanted.get(file.path);
    wanted.delete(file.path);
    if (choice === undefined || choice === file.choice) {
      return [file];
    }
    const next = { ...file, choice };
    return choice === FileChoice.UNSPECIFIED && !counts(next) ? [] : [next];
  });
  const added = [...wanted]
    .filter(([, choice]) => choice !== FileChoice.UNSPECIFIED)
    .map(([path, choice]) => create(TaskFileSchema, { path, choice }));
  return ranked([...changed, ...added]);
}

/** As the server orders them: pinned first, then by score, then by path. */
export function ranked(files: readonly TaskFile[]): readonly TaskFile[] {
  return files.toSorted(
    (a, b) =>
      Number(b.choice === FileChoice.PINNED) - Number(a.choice === FileChoice.PINNED) ||
      (b.score ?? -1) - (a.score ?? -1) ||
      (a.path < b.path ? -1 : 1),
  );
}

/** The choice that a command leads to: the same again takes it back. */
export function toggled(file: TaskFile, choice: FileChoice): Decision {
  return { path: file.path, choice: file.choice === choice ? FileChoice.UNSPECIFIED : choice };
}

/** Those that a choice changes anything for, so that nothing else becomes a decision. */
export function bulk(files: readonly TaskFile[], choice: FileChoice): readonly Decision[] {
  return files.filter((file) => file.choice !== choice).map(({ path }) => ({ path, choice }));
}

export interface Totals {
  readonly counted: number;
  readonly excluded: number;
  readonly tokens: bigint;
}

export function totals(files: readonly TaskFile[]): Totals {
  const counted = files.filter(counts);
  return {
    counted: counted.length,
    excluded: files.filter(({ choice }) => choice === FileChoice.EXCLUDED).length,
    tokens: counted.reduce((sum, { tokens }) => sum + tokens, 0n),
  };
}

/** Files whose path holds every word of the filter. */
export function filtered(files: readonly TaskFile[], filter: string): readonly TaskFile[] {
  const words = filter.normalize("NFKC").toLowerCase().split(/\s+/).filter((word) => word !== "");
  return words.length === 0 ? files : files.filter(({ path }) => words.every((word) => path.normalize("NFKC").toLowerCase().includes(word)));
}
