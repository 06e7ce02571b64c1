import { CommentState, type PlanComment } from "../gen/banto/v1/plans_pb";
import type { ByteIndex } from "../tasks/byte-range";
import type { PlanDocument, Span } from "./plan-document";

/** Where a comment stands in the text that is shown. */
export interface CommentSpot {
  readonly comment: PlanComment;
  /** Undefined: about the whole plan, or not in this text. */
  readonly span: Span | undefined;
  readonly step: number | undefined;
  /** What it speaks of is not in the newest text any more. */
  readonly orphaned: boolean;
}

interface Shown {
  readonly revisionId: string;
  /** Whether it is the newest. */
  readonly newest: boolean;
  readonly document: PlanDocument;
  readonly index: ByteIndex;
  /** Comments whose place in the newest text is known, if only as none. */
  readonly placed: ReadonlySet<string>;
}

/** Finds each comment in the text that is shown, in the order of that text. */
export function commentSpots(comments: readonly PlanComment[], shown: Shown): readonly CommentSpot[] {
  const spots = comments.map((comment) => spotOf(comment, shown));
  const at = ({ span }: CommentSpot) => span?.from ?? -1;
  return spots.toSorted((a, b) => at(a) - at(b));
}

function spotOf(comment: PlanComment, { revisionId, newest, document, index, placed }: Shown): CommentSpot {
  const { place, anchor, step } = comment;
  const known = newest && placed.has(comment.commentId);
  // A place is known in the newest text, an anchor in the one that it was made on.
  const here = !known && comment.revisionId === revisionId;
  const range = known ? place : here ? anchor : undefined;
  const stepHere = here && anchor === undefined ? document.steps.find(({ number }) => number === step) : undefined;
  const span = range ? { from: index.toUnit(Number(range.start)), to: index.toUnit(Number(range.end)) } : stepHere && { from: stepHere.from, to: stepHere.to };
  return {
    comment,
    span,
    step: span && document.steps.find(({ from, to }) => from <= span.from && span.from < to)?.number,
    orphaned: known && place === undefined && (anchor !== undefined || step > 0) && comment.state !== CommentState.RESOLVED,
  };
}

/**
 * The passage of a step that somebody selected where it is shown as people read
 * it: its place in the text, if it stands there just once.
 */
export function passageIn(text: string, { from, to }: Span, quote: string): Span | undefined {
  const part = text.slice(from, to);
  const at = quote.trim() === "" ? -1 : part.indexOf(quote);
  return at < 0 || part.indexOf(quote, at + 1) >= 0 ? undefined : { from: from + at, to: from + at + quote.length };
}

/** Comments that a model is sent unless somebody chooses others. */
export function unanswered(comments: readonly PlanComment[]): readonly PlanComment[] {
  return comments.filter(({ state }) => state === CommentState.OPEN || state === CommentState.NOT_ADDRESSED);
}
