import { FindingSeverity, type PlanFinding } from "../gen/banto/v1/plans_pb";
import type { ByteIndex } from "../tasks/byte-range";
import type { Span } from "./plan-document";

/** `data-severity` of a finding. */
export function severitySlug(severity: FindingSeverity): "error" | "warning" {
  return severity === FindingSeverity.ERROR ? "error" : "warning";
}

/** Where a finding, or what mends it, lies in the text that was checked. */
export function findingSpan(index: ByteIndex, { start, end }: Pick<PlanFinding, "start" | "end">): Span {
  return { from: index.toUnit(Number(start)), to: index.toUnit(Number(end)) };
}

/** How many errors there are. */
export function errorCount(findings: readonly PlanFinding[]): number {
  return findings.filter(({ severity }) => severity === FindingSeverity.ERROR).length;
}

/** The finding after a place, or before it; round the end. */
export function nextFinding(spans: readonly Span[], from: number | undefined, by: 1 | -1): number | undefined {
  if (spans.length === 0) {
    return undefined;
  }
  const order = spans.map((span, index) => ({ at: span.from, index })).toSorted((a, b) => a.at - b.at || a.index - b.index);
  const found = by === 1 ? order.find(({ at }) => from === undefined || at > from) : order.findLast(({ at }) => from !== undefined && at < from);
  return (found ?? (by === 1 ? order[0] : order.at(-1)))?.index;
}
