import { byteLength, sliceBytes } from "../feed/byte-text";
import { RunState } from "../gen/banto/v1/common_pb";
import type { Delta } from "../gen/banto/v1/common_pb";
import type {
  Conversation,
  ConversationEvent,
  ConversationSnapshot,
  ConversationUpdate,
  TranscriptItem,
  Turn,
  TurnEnded,
  TurnStarted,
} from "../gen/banto/v1/companion_conversation_pb";

/**
 * What is known of one conversation: a pure function of the updates that its
 * watch delivered. The server's messages are its nouns; nothing is renamed.
 */
export interface ConversationView {
  readonly epoch: string;
  /** The last event that is part of this view; where a watch resumes. */
  readonly sequence: bigint;
  readonly conversation: Conversation;
  /** Oldest first. */
  readonly items: readonly TranscriptItem[];
  readonly turns: ReadonlyMap<string, Turn>;
  /** Whether the server has items before the first. */
  readonly hasEarlier: boolean;
  /** Bytes of each reply that is being written. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly deleted: boolean;
  /**
   * Updates are missing, so nothing but a snapshot is applied any more. After
   * `gap` the view is sound up to `sequence` and the watch resumes there; after
   * `text` a reply's text is wrong and the view must be taken anew.
   */
  readonly broken: "gap" | "text" | undefined;
}

export function reduceConversation(
  view: ConversationView | undefined,
  update: ConversationUpdate,
): ConversationView | undefined {
  const { kind } = update;
  switch (kind.case) {
    case "snapshot":
      return takeSnapshot(view, kind.value);
    case "reset":
      return undefined;
    case "deleted":
      return view && { ...view, deleted: true };
    case "event":
      return view && (view.broken === undefined ? applyEvent(view, kind.value) : view);
    case "delta":
      return view && (view.broken === undefined ? applyDelta(view, kind.value) : view);
    case "heartbeat":
    case undefined:
      return view;
  }
}

export function isRunning(state: RunState): boolean {
  return state === RunState.QUEUED || state === RunState.RUNNING;
}

/** The turn that a person may answer again or cancel: the newest that counts. */
export function latestTurn(view: ConversationView): Turn | undefined {
  for (let index = view.items.length - 1; index >= 0; index -= 1) {
    const item = view.items[index];
    const turn = item && !item.superseded ? view.turns.get(item.turnId) : undefined;
    if (turn) {
      return turn;
    }
  }
  return undefined;
}

function takeSnapshot(view: ConversationView | undefined, snapshot: ConversationSnapshot): ConversationView | undefined {
  const { conversation } = snapshot;
  if (conversation === undefined) {
    return view;
  }
  if (snapshot.resumed && view !== undefined) {
    return { ...view, epoch: snapshot.epoch, conversation, broken: undefined, deleted: false };
  }
  const earlier = keptItems(view, snapshot);
  const items = [...earlier, ...snapshot.items];
  const turns = new Map(earlier.length > 0 ? view?.turns : []);
  for (const turn of snapshot.turns) {
    turns.set(turn.turnId, turn);
  }
  return {
    epoch: snapshot.epoch,
    sequence: snapshot.headSequence,
    conversation,
    items,
    turns,
    hasEarlier: earlier.length > 0 && view ? view.hasEarlier : snapshot.hasEarlier,
    bytes: new Map(
      items.filter((item) => isRunning(item.state)).map((item) => [item.messageId, byteLength(item.text)] as const),
    ),
    deleted: false,
    // A resumed watch without a view to resume: its events alone say too little.
    broken: snapshot.resumed ? "text" : undefined,
  };
}

/**
 * Items before those of the snapshot that the view already has. They stay only
 * where the two overlap; otherwise something between them may be missing.
 */
function keptItems(view: ConversationView | undefined, snapshot: ConversationSnapshot): readonly TranscriptItem[] {
  const first = snapshot.items[0];
  if (view === undefined || first === undefined || view.epoch !== snapshot.epoch) {
    return [];
  }
  const overlap = view.items.findIndex((item) => item.messageId === first.messageId);
  return overlap > 0 ? view.items.slice(0, overlap) : [];
}

function applyEvent(view: ConversationView, event: ConversationEvent): ConversationView {
  if (event.sequence <= view.sequence) {
    return view;
  }
  if (event.sequence !== view.sequence + 1n) {
    return { ...view, broken: "gap" };
  }
  const next: ConversationView = { ...view, sequence: event.sequence };
  const { kind } = event;
  switch (kind.case) {
    case "messageAdded":
      return kind.value.item ? { ...next, items: [...view.items, kind.value.item] } : next;
    case "turnStarted":
      return startTurn(next, kind.value);
    case "turnRetried": {
      const turn = view.turns.get(kind.value.turnId);
      const { attempt } = kind.value;
      if (turn === undefined || attempt === undefined) {
        return next;
      }
      const attempts = [...turn.attempts.filter(({ number }) => number !== attempt.number), attempt];
      return { ...next, turns: withTurn(view.turns, { ...turn, attempts }) };
    }
    case "turnEnded":
      return endTurn(next, kind.value);
    case "changed":
      return kind.value.conversation ? { ...next, conversation: kind.value.conversation } : next;
    case undefined:
      return next;
  }
}

function startTurn(view: ConversationView, { turn, reply }: TurnStarted): ConversationView {
  if (turn === undefined || reply === undefined) {
    return view;
  }
  const turns = new Map(view.turns);
  const supersededReplies = new Set<string>();
  for (const former of view.turns.values()) {
    if (former.userMessageId === turn.userMessageId && former.turnId !== turn.turnId && former.supersededBy === "") {
      turns.set(former.turnId, { ...former, supersededBy: turn.turnId });
      supersededReplies.add(former.assistantMessageId);
    }
  }
  turns.set(turn.turnId, turn);
  const items = view.items.map((item) =>
    supersededReplies.has(item.messageId) ? { ...item, superseded: true } : item,
  );
  return {
    ...view,
    conversation: { ...view.conversation, activeTurnId: turn.turnId },
    items: [...items, reply],
    turns,
    bytes: new Map(view.bytes).set(reply.messageId, byteLength(reply.text)),
  };
}

function endTurn(view: ConversationView, ended: TurnEnded): ConversationView {
  const { turn } = ended;
  if (turn === undefined) {
    return view;
  }
  const { activeTurnId } = view.conversation;
  const next: ConversationView = {
    ...view,
    conversation: { ...view.conversation, activeTurnId: activeTurnId === turn.turnId ? "" : activeTurnId },
    turns: withTurn(view.turns, turn),
  };
  const index = view.items.findLastIndex((item) => item.messageId === turn.assistantMessageId);
  const item = view.items[index];
  if (item === undefined) {
    return next;
  }
  const length = Number(ended.textLength);
  const have = view.bytes.get(item.messageId) ?? byteLength(item.text);
  const bytes = new Map(view.bytes);
  bytes.delete(item.messageId);
  return {
    ...next,
    items: view.items.with(index, {
      ...item,
      // What the database holds is the truth; more than that was never kept.
      text: have > length ? sliceBytes(item.text, 0, length) : item.text,
      state: turn.state,
      citations: ended.citations,
    }),
    bytes,
    broken: have < length ? "text" : undefined,
  };
}

function applyDelta(view: ConversationView, delta: Delta): ConversationView {
  const index = view.items.findLastIndex((item) => item.messageId === delta.blockId);
  const item = view.items[index];
  if (item === undefined || !isRunning(item.state)) {
    return view;
  }
  const offset = Number(delta.offset);
  const have = view.bytes.get(item.messageId) ?? byteLength(item.text);
  if (offset > have) {
    return { ...view, broken: "text" };
  }
  const length = byteLength(delta.text);
  if (offset > 0 && offset + length <= have) {
    return view;
  }
  // From the beginning it is the whole text: after a crash the server sends
  // what it kept, which may be less than what was shown.
  const text = offset === 0 ? delta.text : item.text + sliceBytes(delta.text, have - offset);
  return {
    ...view,
    items: view.items.with(index, { ...item, text }),
    bytes: new Map(view.bytes).set(item.messageId, offset + length),
  };
}

function withTurn(turns: ReadonlyMap<string, Turn>, turn: Turn): ReadonlyMap<string, Turn> {
  return new Map(turns).set(turn.turnId, turn);
}
