/** A part of a text, in UTF-16 code units as editors count. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An operation on a file, as far as it is written. */
export interface PlanOperation extends Span {
  readonly type: string;
  readonly path: string;
  /** For a move, where the file is now. */
  readonly source: string;
  readonly symbols: readonly string[];
  readonly changes: string | undefined;
  readonly validation: string | undefined;
  readonly evidence: string | undefined;
}

/** A step, as far as it is written. */
export interface PlanStep extends Span {
  readonly number: number;
  readonly title: string;
  readonly description: string;
  readonly confidence: string;
  readonly assumptions: readonly string[];
  readonly operations: readonly PlanOperation[];
  readonly bashCommands: readonly string[];
  readonly explorationCommands: readonly string[];
  /** Of a merge: the steps that it was made of, such as `A:1 B:2`. */
  readonly sources: string;
  readonly complete: boolean;
}

/** What the sources of a merge, or the answers to comments, say. */
export interface PlanNote {
  readonly kind: "source" | "conflict" | "answer";
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The structure of a plan, as far as its text goes. */
export interface PlanDocument {
  readonly agentInstructions: string;
  readonly notes: readonly PlanNote[];
  readonly steps: readonly PlanStep[];
  /** The root element is closed. */
  readonly complete: boolean;
}
