/** The views of a plan, as they stand in the address. */
export const planViews = ["rendered", "raw", "edit", "revisions", "outcome", "history"] as const;

export type PlanViewName = (typeof planViews)[number];

/** What can stand beside a plan. */
export const planSides = ["comments", "problems", "changes"] as const;

export type PlanSide = (typeof planSides)[number];

/** What is shown of a plan, as it stands in the address. */
export interface PlanSearch {
  /** Undefined: rendered. */
  readonly view?: Exclude<PlanViewName, "rendered">;
  readonly side?: PlanSide;
  readonly step?: number;
  readonly revision?: string;
  readonly comment?: string;
  /** Revisions that are compared. */
  readonly from?: string;
  readonly to?: string;
}

const oneOf = <T extends string>(words: readonly T[], value: unknown): T | undefined => words.find((word) => word === value);
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 64) : undefined);

/** Reads an address; what means nothing is left out. */
export function planSearchOf(search: Record<string, unknown>): PlanSearch {
  const view = oneOf(planViews, search["view"]);
  const side = oneOf(planSides, search["side"]);
  const step = Number(search["step"]);
  const [revision, comment, from, to] = ["revision", "comment", "from", "to"].map((name) => text(search[name]));
  return {
    ...(view !== undefined && view !== "rendered" && { view }),
    ...(side && { side }),
    ...(Number.isSafeInteger(step) && step > 0 && { step }),
    ...(revision !== undefined && { revision }),
    ...(comment !== undefined && { comment }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** Two revisions to compare, of one plan or of two. */
export interface CompareSearch {
  readonly from?: string;
  readonly to?: string;
}

/** Reads an address of the page that compares. */
export function compareSearchOf(search: Record<string, unknown>): CompareSearch {
  const from = text(search["from"]);
  const to = text(search["to"]);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}
