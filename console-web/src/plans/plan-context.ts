import { createContext, use } from "react";
import type { FindingFix, Plan, PlanFinding } from "../gen/banto/v1/plans_pb";
import type { CallFailure } from "../api/failure";
import type { ByteIndex } from "../tasks/byte-range";
import type { CommentTarget } from "./comment-draft";
import type { CommentSpot } from "./comment-place";
import type { PlanDocument, Span } from "./plan-document";
import type { PlanSearch } from "./plan-search";
import type { PlanView } from "./plan-view";
import type { RevisionText } from "./use-revision-text";

/** What the check says of a text. */
export interface Checked {
  /** The text that was checked. */
  readonly text: string;
  readonly index: ByteIndex;
  readonly findings: readonly PlanFinding[];
}

/** A passage to go to; another object is another wish. */
export interface Target {
  readonly span: Span;
}

/** The plan whose page is open. */
export interface OpenPlan {
  readonly view: PlanView;
  readonly plan: Plan;
  readonly search: PlanSearch;
  /** Changes what is shown; what is left out stays. */
  readonly show: (change: Partial<Record<keyof PlanSearch, PlanSearch[keyof PlanSearch] | undefined>>, replace?: boolean) => void;
  /** The revision that is shown. */
  readonly shown: RevisionText;
  readonly shownId: string;
  /** Of the text that is shown; of the one that is edited, in that view. */
  readonly document: PlanDocument;
  readonly setEdited: (document: PlanDocument | undefined) => void;
  readonly checked: Checked | undefined;
  readonly checkFailure: CallFailure | undefined;
  readonly setChecked: (checked: Checked | undefined, failure?: CallFailure) => void;
  /** Each comment with its place in the text that is shown. */
  readonly spots: readonly CommentSpot[];
  /** What the comment that is being written speaks of. */
  readonly composing: CommentTarget | undefined;
  readonly compose: (on: CommentTarget | undefined) => void;
  /** Mends the text that is edited. Undefined: none is. */
  readonly applyFix: ((fix: FindingFix) => void) | undefined;
  readonly setApplyFix: (apply: ((fix: FindingFix) => void) | undefined) => void;
  readonly target: Target | undefined;
  readonly goTo: (span: Span) => void;
}

export const PlanContext = createContext<OpenPlan | undefined>(undefined);

/** The open plan. */
export function usePlan(): OpenPlan {
  const open = use(PlanContext);
  if (open === undefined) {
    throw new Error("no plan above this component");
  }
  return open;
}
