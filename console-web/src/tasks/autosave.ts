import type { CallFailure } from "../api/failure";

/** A description as the server has it. */
export interface Stored {
  readonly text: string;
  readonly version: bigint;
}

/**
 * A description that is being written: what stands in the editor, what is known
 * of the server's, and what lies between. All of it changes by the functions
 * below; timers, calls and storage are elsewhere.
 */
export interface Autosave {
  readonly stored: Stored;
  readonly text: string;
  /** The text that is on its way. */
  readonly sending: string | undefined;
  /** Why the last try came to nothing. */
  readonly failure: CallFailure | undefined;
  /** What somebody else wrote meanwhile. Nothing is saved before one is chosen. */
  readonly theirs: Stored | undefined;
}

export type AutosavePhase = "saved" | "dirty" | "saving" | "failed" | "conflict";

/** The most that the server takes, in characters. */
export const longestDescription = 100_000;

export function begin(stored: Stored): Autosave {
  return { stored, text: stored.text, sending: undefined, failure: undefined, theirs: undefined };
}

export function phase({ stored, text, sending, failure, theirs }: Autosave): AutosavePhase {
  if (theirs !== undefined) {
    return "conflict";
  }
  if (sending !== undefined) {
    return "saving";
  }
  if (text === stored.text) {
    return "saved";
  }
  return failure === undefined ? "dirty" : "failed";
}

/** Whether there is something that could be sent now. */
export function sendable(state: Autosave): boolean {
  return state.theirs === undefined && state.sending === undefined && state.text !== state.stored.text && !tooLong(state.text);
}

export function tooLong(text: string): boolean {
  return text.length > longestDescription && [...text].length > longestDescription;
}

export function typed(state: Autosave, text: string): Autosave {
  return state.text === text ? state : { ...state, text, failure: undefined };
}

/** The text goes on its way. */
export function sendOff(state: Autosave): Autosave {
  return { ...state, sending: state.text, failure: undefined };
}

/** The server took what was sent; more may have been written since. */
export function sent(state: Autosave, stored: Stored): Autosave {
  const newest = stored.version > state.stored.version ? stored : state.stored;
  return { ...state, stored: newest, sending: undefined, failure: undefined, theirs: undefined };
}

export function failed(state: Autosave, failure: CallFailure): Autosave {
  return { ...state, sending: undefined, failure };
}

/**
 * The server is known to have this. Where nothing was written here, it is
 * simply shown; where the same was written, it is saved; else somebody chooses.
 */
export function learned(state: Autosave, stored: Stored): Autosave {
  const known = state.theirs ?? state.stored;
  if (stored.version <= known.version) {
    return state;
  }
  if (state.sending === stored.text) {
    // Our own word comes back by the feed before the call is answered.
    return { ...state, stored, theirs: undefined };
  }
  if (state.text === state.stored.text && state.sending === undefined) {
    return { ...begin(stored), failure: undefined };
  }
  if (state.text === stored.text || stored.text === state.stored.text) {
    return { ...state, stored, theirs: undefined, failure: undefined };
  }
  return { ...state, theirs: stored };
}

export function takeTheirs(state: Autosave): Autosave {
  return state.theirs === undefined ? state : begin(state.theirs);
}

export function keepMine(state: Autosave): Autosave {
  return state.theirs === undefined ? state : { ...state, stored: state.theirs, theirs: undefined, failure: undefined };
}

/** What of it survives the page: present only while something is not saved. */
export interface DescriptionDraft {
  readonly text: string;
  /** What it was written from. */
  readonly base: string;
  /** In decimal, because JSON has no bigint. */
  readonly version: string;
}

export function draftOf({ stored, text, theirs }: Autosave): DescriptionDraft | undefined {
  return text === stored.text && theirs === undefined ? undefined : { text, base: stored.text, version: String(stored.version) };
}

/** Goes on with a draft of before, over what the server has now. */
export function resume(stored: Stored, draft: DescriptionDraft | undefined): Autosave {
  if (draft === undefined || draft.text === stored.text) {
    return begin(stored);
  }
  const base: Stored = { text: draft.base, version: BigInt(draft.version) };
  return learned({ ...begin(base), text: draft.text }, stored);
}
