import { type Choices, noChoices, sameChoices } from "./choices";

/** What a person has written and not sent, and what is known of sending it. */
export interface Draft {
  readonly text: string;
  /** Set once a send was tried. */
  readonly attempt?: Attempt;
  /** Nobody knows whether that send arrived: its answer was lost, or the page was. */
  readonly uncertain?: boolean;
}

/** Ids that make a repeated send the same send. */
export interface Attempt {
  /** The text that goes with `clientMessageId`. */
  readonly text: string;
  readonly clientMessageId: string;
  /** For the conversation that the first message creates. */
  readonly requestId: string;
  /** What that conversation is given. */
  readonly choices?: Choices | undefined;
}

const prefix = "banto.draft.";

/** The draft of a message that begins a conversation. */
export const newConversation = "new";

export function loadDraft(storage: Storage, conversationId: string): Draft {
  try {
    const stored: unknown = JSON.parse(storage.getItem(prefix + conversationId) ?? "null");
    return isDraft(stored) ? stored : { text: "" };
  } catch {
    return { text: "" };
  }
}

export function saveDraft(storage: Storage, conversationId: string, draft: Draft): void {
  if (draft.text === "" && draft.attempt === undefined) {
    storage.removeItem(prefix + conversationId);
    return;
  }
  try {
    storage.setItem(prefix + conversationId, JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden; the text is still in the page.
  }
}

/**
 * The ids to send `draft` with: those of the attempt before, as long as the
 * text is the same; a changed text is another message, and other choices are
 * another conversation.
 */
export function attemptFor(draft: Draft, newId: () => string, choices: Choices = noChoices): Attempt {
  const { text, attempt } = draft;
  if (attempt === undefined) {
    return { text, clientMessageId: newId(), requestId: newId(), choices };
  }
  const sameText = attempt.text === text;
  const sameStart = sameChoices(attempt.choices ?? noChoices, choices);
  return sameText && sameStart
    ? attempt
    : {
        text,
        clientMessageId: newId(),
        requestId: sameStart ? attempt.requestId : newId(),
        choices,
      };
}

const choicesKey = "banto.new-conversation";

/** The choices for the conversation that will begin next. */
export function loadNewChoices(storage: Storage): Choices {
  try {
    const stored: unknown = JSON.parse(storage.getItem(choicesKey) ?? "null");
    return isChoices(stored) ? stored : noChoices;
  } catch {
    return noChoices;
  }
}

export function saveNewChoices(storage: Storage, choices: Choices): void {
  try {
    if (sameChoices(choices, noChoices)) {
      storage.removeItem(choicesKey);
    } else {
      storage.setItem(choicesKey, JSON.stringify(choices));
    }
  } catch {
    // Storage is full or forbidden; the page still has them.
  }
}

function isChoices(value: unknown): value is Choices {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(noChoices).every((field) => typeof (value as Record<string, unknown>)[field] === "string")
  );
}

function isDraft(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && "text" in value && typeof value.text === "string";
}
