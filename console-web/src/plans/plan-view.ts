import { byteLength, sliceBytes } from "../feed/byte-text";
import { type Delta, RunState } from "../gen/banto/v1/common_pb";
import type { Plan, PlanComment, PlanEvent, PlanRevision, PlanSnapshot, PlanUpdate } from "../gen/banto/v1/plans_pb";

/** A text that was written while this view looked on. */
export interface WrittenText {
  readonly revisionId: string;
  readonly text: string;
  readonly bytes: number;
  /** Rises when the text does not go on from what it was. */
  readonly generation: number;
}

/** What is known of one plan: a pure function of its watch. Texts that were saved at once are fetched. */
export interface PlanView {
  readonly epoch: string;
  /** The last event that is part of this view; where a watch resumes. */
  readonly sequence: bigint;
  readonly plan: Plan;
  /** The newest first. */
  readonly revisions: readonly PlanRevision[];
  /** Oldest first. */
  readonly comments: readonly PlanComment[];
  /** Of the revision that is written now, or of the last one that was. */
  readonly written: WrittenText | undefined;
  /** As in a conversation: after `gap` the watch resumes, after `text` it begins anew. */
  readonly broken: "gap" | "text" | undefined;
}

export function reducePlan(view: PlanView | undefined, { kind }: PlanUpdate): PlanView | undefined {
  switch (kind.case) {
    case "snapshot":
      return takeSnapshot(view, kind.value);
    case "reset":
      return undefined;
    case "event":
      return view && (view.broken === undefined ? applyEvent(view, kind.value) : view);
    case "delta":
      return view && (view.broken === undefined ? applyDelta(view, kind.value) : view);
    case "heartbeat":
    case undefined:
      return view;
  }
}

function takeSnapshot(view: PlanView | undefined, snapshot: PlanSnapshot): PlanView | undefined {
  const { plan, activeRevision, activeText } = snapshot;
  if (plan === undefined) {
    return view;
  }
  if (snapshot.resumed && view !== undefined) {
    return { ...view, epoch: plan.epoch, plan, broken: undefined };
  }
  const { revisions, comments } = snapshot;
  const generation = (view?.written?.generation ?? 0) + 1;
  return {
    epoch: plan.epoch,
    sequence: plan.headSequence,
    plan,
    revisions: activeRevision ? withRevision(revisions, activeRevision) : revisions,
    comments,
    written: activeRevision && { revisionId: activeRevision.revisionId, text: activeText, bytes: byteLength(activeText), generation },
    // A resumed watch without a view to resume: its events alone say too little.
    broken: snapshot.resumed ? "text" : undefined,
  };
}

function applyEvent(view: PlanView, { sequence, kind }: PlanEvent): PlanView {
  if (sequence <= view.sequence) {
    return view;
  }
  if (sequence !== view.sequence + 1n) {
    return { ...view, broken: "gap" };
  }
  const plan = kind.value?.plan;
  const next: PlanView = { ...view, sequence, plan: plan && plan.change >= view.plan.change ? plan : view.plan };
  switch (kind.case) {
    case "revisionStarted": {
      const { revision } = kind.value;
      return revision ? start(next, revision) : next;
    }
    case "revisionEnded": {
      const { revision } = kind.value;
      return revision ? { ...next, revisions: withRevision(view.revisions, revision), written: endText(view.written, revision) } : next;
    }
    case "commentChanged": {
      const { comment } = kind.value;
      return comment ? { ...next, comments: withComment(view.comments, comment) } : next;
    }
    case "changed":
    case undefined:
      return next;
  }
}

function start(view: PlanView, revision: PlanRevision): PlanView {
  const revisions = withRevision(view.revisions, revision);
  if (isEnded(revision) || view.written?.revisionId === revision.revisionId) {
    return { ...view, revisions };
  }
  const generation = (view.written?.generation ?? 0) + 1;
  return { ...view, revisions, written: { revisionId: revision.revisionId, text: "", bytes: 0, generation } };
}

/** What the database holds is the truth: more is cut off, less is no text at all. */
function endText(written: WrittenText | undefined, { revisionId, sizeBytes }: PlanRevision): WrittenText | undefined {
  if (written?.revisionId !== revisionId) {
    return written;
  }
  const length = Number(sizeBytes);
  if (written.bytes < length) {
    return undefined;
  }
  return written.bytes === length
    ? written
    : { ...written, text: sliceBytes(written.text, 0, length), bytes: length, generation: written.generation + 1 };
}

function applyDelta(view: PlanView, { blockId, offset: at, text }: Delta): PlanView {
  const { written } = view;
  if (written?.revisionId !== blockId || !isWriting(view, blockId)) {
    return view;
  }
  const offset = Number(at);
  if (offset > written.bytes) {
    return { ...view, broken: "text" };
  }
  const bytes = offset + byteLength(text);
  if (offset > 0 && bytes <= written.bytes) {
    return view;
  }
  if (offset === 0) {
    // The whole text: after a crash the server sends what it kept, which may be less.
    const goesOn = text.startsWith(written.text);
    return { ...view, written: { ...written, text, bytes, generation: written.generation + (goesOn ? 0 : 1) } };
  }
  return { ...view, written: { ...written, text: written.text + sliceBytes(text, written.bytes - offset), bytes } };
}

/** Whether the revision is being written, as far as this view knows. */
export function isWriting({ revisions }: PlanView, revisionId: string): boolean {
  const revision = revisions.find((candidate) => candidate.revisionId === revisionId);
  return revision !== undefined && !isEnded(revision);
}

function isEnded({ state }: PlanRevision): boolean {
  return state !== RunState.QUEUED && state !== RunState.RUNNING;
}

function withRevision(revisions: readonly PlanRevision[], revision: PlanRevision): readonly PlanRevision[] {
  const index = revisions.findIndex(({ revisionId }) => revisionId === revision.revisionId);
  const known = revisions[index];
  if (known !== undefined) {
    return isEnded(known) && !isEnded(revision) ? revisions : revisions.with(index, revision);
  }
  return [revision, ...revisions].toSorted((a, b) => Number(b.number - a.number));
}

function withComment(comments: readonly PlanComment[], comment: PlanComment): readonly PlanComment[] {
  const index = comments.findIndex(({ commentId }) => commentId === comment.commentId);
  const known = comments[index];
  if (known === undefined) {
    return [...comments, comment];
  }
  return comment.change > known.change ? comments.with(index, comment) : comments;
}
