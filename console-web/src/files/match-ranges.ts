import type { FileReason } from "../gen/banto/v1/tasks_pb";

/** Lines of a file, counted from 1, both included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** The passages that reasons point at, from the top; what touches is one. */
export function matchRanges(reasons: readonly FileReason[]): readonly Lines[] {
  const ranges = reasons
    .flatMap(({ lines }) => (lines && lines.firstLine > 0 ? [{ first: lines.firstLine, last: Math.max(lines.firstLine, lines.lastLine) }] : []))
    .toSorted((a, b) => a.first - b.first || a.last - b.last);
  const merged: Lines[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1) {
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** The first line of the passage after `line`, or before it; around at the ends. */
export function nextMatch(ranges: readonly Lines[], line: number, step: 1 | -1): number | undefined {
  const found = step === 1 ? ranges.find(({ first }) => first > line) : ranges.findLast(({ first }) => first < line);
  return (found ?? ranges.at(step === 1 ? 0 : -1))?.first;
}
