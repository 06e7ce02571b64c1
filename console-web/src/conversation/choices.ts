import type { ConversationSettings } from "../gen/banto/v1/companion_conversation_pb";

/** The longest instructions that the server takes, in characters. */
export const longestInstructions = 8_000;

/** What a conversation does otherwise than the preferences say. Empty: as they say. */
export interface Choices {
  readonly providerId: string;
  readonly model: string;
  readonly language: string;
  readonly instructions: string;
}

export const noChoices: Choices = { providerId: "", model: "", language: "", instructions: "" };

const fields = ["providerId", "model", "language", "instructions"] as const satisfies readonly (keyof Choices)[];

export function choicesOf(settings: ConversationSettings | undefined): Choices {
  const { providerId, model, language, instructions } = settings ?? noChoices;
  return { providerId, model, language, instructions };
}

export function sameChoices(a: Choices, b: Choices): boolean {
  return fields.every((field) => a[field] === b[field]);
}

export interface Merged {
  readonly choices: Choices;
  /** What both sides changed, each to something else. */
  readonly contested: readonly (keyof Choices)[];
}

/**
 * Two people changed the same choices, who both began from `seen`. What only
 * one of them touched is taken from that one; where both did, mine stays.
 */
export function mergeChoices(seen: Choices, mine: Choices, theirs: Choices): Merged {
  const pick = (field: keyof Choices) => (mine[field] === seen[field] ? theirs[field] : mine[field]);
  return {
    choices: {
      providerId: pick("providerId"),
      model: pick("model"),
      language: pick("language"),
      instructions: pick("instructions"),
    },
    contested: fields.filter(
      (field) => mine[field] !== seen[field] && theirs[field] !== seen[field] && mine[field] !== theirs[field],
    ),
  };
}
