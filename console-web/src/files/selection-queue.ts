import type { TaskFile } from "../gen/banto/v1/tasks_pb";
import { type Decision, decide } from "./selection";

/** The files as the server has them, and the decisions that are on their way there. */
export interface SelectionState {
  readonly stored: readonly TaskFile[];
  /** In the order in which they were made. */
  readonly pending: readonly (readonly Decision[])[];
}

/** What is shown: as if every decision had arrived. */
export function shownFiles({ stored, pending }: SelectionState): readonly TaskFile[] {
  return pending.reduce<readonly TaskFile[]>(decide, stored);
}

export function decided(state: SelectionState, decisions: readonly Decision[]): SelectionState {
  return { ...state, pending: [...state.pending, decisions] };
}

/** The server took a batch; its answer has it in, and knows nothing of the later ones. */
export function taken(state: SelectionState, batch: readonly Decision[], stored: readonly TaskFile[]): SelectionState {
  return { stored, pending: state.pending.filter((other) => other !== batch) };
}

/** The server refused a batch: it is as if it had never been made. */
export function refused(state: SelectionState, batch: readonly Decision[]): SelectionState {
  return { ...state, pending: state.pending.filter((other) => other !== batch) };
}

/** The server was asked anew. */
export function loaded(state: SelectionState, stored: readonly TaskFile[]): SelectionState {
  return { ...state, stored };
}
