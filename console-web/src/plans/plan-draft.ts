import type { CallFailure } from "../api/failure";

/** A revision that is edited, or that somebody else saved. */
export interface PlanBase {
  readonly revisionId: string;
  /** Its number, which is what `expected_version` means. */
  readonly version: bigint;
}

/**
 * A plan that is edited. Its text is with the editor; what is here says what it
 * was made from and what lies between. All of it changes by the functions below.
 */
export interface PlanEdit {
  readonly base: PlanBase;
  /** Something differs from the base. */
  readonly dirty: boolean;
  readonly saving: boolean;
  readonly failure: CallFailure | undefined;
  /** What somebody else saved meanwhile. Nothing is saved before one is chosen. */
  readonly theirs: PlanBase | undefined;
}

export type EditPhase = "clean" | "dirty" | "saving" | "failed" | "conflict";

export function beginEdit(base: PlanBase, dirty = false): PlanEdit {
  return { base, dirty, saving: false, failure: undefined, theirs: undefined };
}

export function editPhase({ dirty, saving, failure, theirs }: PlanEdit): EditPhase {
  if (theirs !== undefined) {
    return "conflict";
  }
  if (saving) {
    return "saving";
  }
  return failure === undefined ? (dirty ? "dirty" : "clean") : "failed";
}

/** Whether there is something that could be saved now. */
export function savable(edit: PlanEdit): boolean {
  return edit.dirty && !edit.saving && edit.theirs === undefined;
}

export function editedNow(edit: PlanEdit, dirty: boolean): PlanEdit {
  return edit.dirty === dirty && edit.failure === undefined ? edit : { ...edit, dirty, failure: undefined };
}

export function savingNow(edit: PlanEdit): PlanEdit {
  return { ...edit, saving: true, failure: undefined };
}

/** The server took the text; more may have been written since. */
export function savedNow(edit: PlanEdit, base: PlanBase, dirty: boolean): PlanEdit {
  return { ...edit, base: base.version > edit.base.version ? base : edit.base, dirty, saving: false, failure: undefined, theirs: undefined };
}

export function notSaved(edit: PlanEdit, failure: CallFailure): PlanEdit {
  return { ...edit, saving: false, failure };
}

/**
 * The server is known to have this as its newest. Where nothing was written here
 * it is taken, which the answer says; else somebody chooses. While our own word
 * is on its way, it may be that word.
 */
export function learnedNow(edit: PlanEdit, newest: PlanBase): PlanEdit {
  const known = edit.theirs ?? edit.base;
  if (newest.version <= known.version || edit.saving) {
    return edit;
  }
  return edit.dirty ? { ...edit, theirs: newest } : beginEdit(newest);
}

/** Mine goes after theirs. */
export function keepMineAfter(edit: PlanEdit): PlanEdit {
  return edit.theirs === undefined ? edit : { ...edit, base: edit.theirs, theirs: undefined, dirty: true, failure: undefined };
}

export function takeTheirsOver(edit: PlanEdit): PlanEdit {
  return edit.theirs === undefined ? edit : beginEdit(edit.theirs);
}

/** What of it survives the page. */
export interface StoredDraft {
  readonly text: string;
  readonly revisionId: string;
  /** In decimal, because JSON has no bigint. */
  readonly version: string;
  readonly message: string;
  /** Set once a save was tried: the same text again is the same revision. */
  readonly attempt?: { readonly requestId: string; readonly text: string };
}

const prefix = "banto.plan-draft.";

export function loadPlanDraft(storage: Storage, planId: string): StoredDraft | undefined {
  try {
    const stored: unknown = JSON.parse(storage.getItem(prefix + planId) ?? "null");
    return isDraft(stored) ? stored : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether it is kept now; there may be no room. */
export function savePlanDraft(storage: Storage, planId: string, draft: StoredDraft | undefined): boolean {
  try {
    if (draft === undefined) {
      storage.removeItem(prefix + planId);
    } else {
      storage.setItem(prefix + planId, JSON.stringify(draft));
    }
    return true;
  } catch {
    return false;
  }
}

/** The id to save a text with: that of the attempt before, as long as the text is the same. */
export function saveAttempt(draft: { readonly attempt?: StoredDraft["attempt"] | undefined } | undefined, text: string, newId: () => string): { readonly requestId: string; readonly text: string } {
  return draft?.attempt?.text === text ? draft.attempt : { requestId: newId(), text };
}

function isDraft(value: unknown): value is StoredDraft {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const draft = value as Record<string, unknown>;
  return ["text", "revisionId", "version", "message"].every((name) => typeof draft[name] === "string") && /^\d+$/.test(String(draft["version"]));
}
