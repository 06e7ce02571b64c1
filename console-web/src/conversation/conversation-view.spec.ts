import { create } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { ConversationUpdateSchema, MessageRole, type TranscriptItemSchema } from "../gen/banto/v1/companion_conversation_pb";
import { type ConversationView, latestTurn, reduceConversation } from "./conversation-view";

type Update = MessageInitShape<typeof ConversationUpdateSchema>["kind"];

const update = (kind: NonNullable<Update>) => create(ConversationUpdateSchema, { kind });

const snapshot = (
  fields: {
    headSequence?: bigint;
    resumed?: boolean;
    hasEarlier?: boolean;
    items?: MessageInitShape<typeof TranscriptItemSchema>[];
  } = {},
) =>
  update({
    case: "snapshot",
    value: { epoch: "e1", headSequence: 0n, conversation: { conversationId: "c1", epoch: "e1" }, ...fields },
  });

const event = (sequence: number, kind: NonNullable<Extract<NonNullable<Update>, { case: "event" }>["value"]["kind"]>) =>
  update({ case: "event", value: { sequence: BigInt(sequence), kind } });

const added = (sequence: number, messageId: string, text = "hello", turnId = "t1") =>
  event(sequence, {
    case: "messageAdded",
    value: { item: { messageId, sequence: BigInt(sequence), turnId, role: MessageRole.USER, text, state: RunState.COMPLETED } },
  });

const started = (sequence: number, turnId = "t1", replyId = "r1", userMessageId = "u1") =>
  event(sequence, {
    case: "turnStarted",
    value: {
      turn: { turnId, state: RunState.RUNNING, userMessageId, assistantMessageId: replyId },
      reply: {
        messageId: replyId,
        sequence: BigInt(sequence),
        turnId,
        role: MessageRole.ASSISTANT,
        state: RunState.RUNNING,
      },
    },
  });

const ended = (sequence: number, textLength: number, state: RunState = RunState.COMPLETED, turnId = "t1", replyId = "r1") =>
  event(sequence, {
    case: "turnEnded",
    value: {
      turn: { turnId, state, userMessageId: "u1", assistantMessageId: replyId },
      textLength: BigInt(textLength),
      citations: [{ document: "models.md", heading: "Models" }],
    },
  });

const delta = (offset: number, text: string, blockId = "r1") =>
  update({ case: "delta", value: { blockId, offset: BigInt(offset), text } });

const after = (...updates: ReturnType<typeof update>[]): ConversationView => {
  const view = updates.reduce<ConversationView | undefined>(reduceConversation, undefined);
  if (view === undefined) {
    throw new Error("no view");
  }
  return view;
};

const reply = (view: ConversationView, messageId = "r1") => view.items.find((item) => item.messageId === messageId);

const running = [snapshot(), added(1, "u1"), started(2)];

describe("a conversation's view", () => {
  it("is nothing before its first snapshot", () => {
    expect(reduceConversation(undefined, delta(0, "x"))).toBeUndefined();
    expect(reduceConversation(undefined, added(1, "u1"))).toBeUndefined();
  });

  it("grows with the text of a reply and ends with its turn", () => {
    const view = after(...running, delta(0, "番"), delta(3, "頭!"), ended(3, 7));
    expect(reply(view)).toMatchObject({ text: "番頭!", state: RunState.COMPLETED });
    expect(reply(view)?.citations).toHaveLength(1);
    expect(view.conversation.activeTurnId).toBe("");
    expect(view.sequence).toBe(3n);
    expect(view.broken).toBeUndefined();
  });

  it("knows the running turn as the active one", () => {
    expect(after(...running).conversation.activeTurnId).toBe("t1");
  });

  it("ignores an event that it has", () => {
    const view = after(...running);
    expect(reduceConversation(view, added(1, "u1"))).toBe(view);
  });

  it("stops at a gap, keeps its cursor, and goes on after a resumed snapshot", () => {
    const broken = after(...running, added(5, "u9"));
    expect(broken).toMatchObject({ broken: "gap", sequence: 2n });
    expect(reduceConversation(broken, added(3, "u2"))).toBe(broken);
    const resumed = after(...running, added(5, "u9"), snapshot({ resumed: true, headSequence: 5n }), added(3, "u2"));
    expect(resumed).toMatchObject({ broken: undefined, sequence: 3n });
    expect(resumed.items.map((item) => item.messageId)).toEqual(["u1", "r1", "u2"]);
  });

  it("keeps the attempts of a turn", () => {
    const retried = event(3, {
      case: "turnRetried",
      value: { turnId: "t1", attempt: { number: 1, retryAfter: { seconds: 3n } } },
    });
    expect(after(...running, retried).turns.get("t1")?.attempts).toMatchObject([{ number: 1 }]);
  });

  it("marks what a regenerated turn takes the place of", () => {
    const view = after(...running, delta(0, "one"), ended(3, 3), started(4, "t2", "r2"));
    expect(reply(view)).toMatchObject({ superseded: true, text: "one" });
    expect(view.turns.get("t1")?.supersededBy).toBe("t2");
    expect(latestTurn(view)?.turnId).toBe("t2");
  });

  it("forgets at a reset and marks a deletion", () => {
    expect(reduceConversation(after(...running), update({ case: "reset", value: {} }))).toBeUndefined();
    expect(after(...running, update({ case: "deleted", value: {} })).deleted).toBe(true);
  });
});

describe("text in flight", () => {
  it("is the same however often a delta comes", () => {
    const once = after(...running, delta(0, "abc"), delta(3, "def"));
    expect(reduceConversation(once, delta(3, "def"))).toBe(once);
    expect(reduceConversation(once, delta(1, "bc"))).toBe(once);
  });

  it("takes only what is new of a delta that overlaps", () => {
    expect(reply(after(...running, delta(0, "ab番"), delta(2, "番頭c")))?.text).toBe("ab番頭c");
  });

  it("is replaced by a delta from the beginning", () => {
    const view = after(...running, delta(0, "all that was shown"), delta(0, "all"));
    expect(reply(view)?.text).toBe("all");
    expect(reply(after(...running, delta(0, "xyz"), delta(0, "all"), delta(3, "!")))?.text).toBe("all!");
  });

  it("is broken by a hole, until a snapshot", () => {
    const broken = after(...running, delta(0, "abc"), delta(9, "x"));
    expect(broken.broken).toBe("text");
    expect(reduceConversation(broken, delta(3, "d"))).toBe(broken);
  });

  it("is cut back to what the database kept", () => {
    const view = after(...running, delta(0, "番頭 and more"), ended(3, 6, RunState.INTERRUPTED));
    expect(reply(view)).toMatchObject({ text: "番頭", state: RunState.INTERRUPTED });
    expect(view.broken).toBeUndefined();
  });

  it("follows the replay after a crash: what was kept, then the end", () => {
    const view = after(
      ...running,
      delta(0, "abcdef"),
      snapshot({ resumed: true, headSequence: 3n }),
      delta(0, "abcd"),
      ended(3, 4, RunState.INTERRUPTED),
    );
    expect(reply(view)).toMatchObject({ text: "abcd", state: RunState.INTERRUPTED });
  });

  it("that is shorter than the turn says is taken anew", () => {
    expect(after(...running, delta(0, "abc"), ended(3, 9)).broken).toBe("text");
  });

  it("does not change once its turn has ended", () => {
    const view = after(...running, delta(0, "abc"), ended(3, 3));
    expect(reduceConversation(view, delta(0, "zzz"))).toBe(view);
  });
});

describe("a snapshot", () => {
  const item = (messageId: string, sequence: number, state: RunState = RunState.COMPLETED, text = "") => ({
    messageId,
    sequence: BigInt(sequence),
    state,
    text,
    role: MessageRole.USER,
    turnId: "t1",
  });

  it("takes up a running reply where it is", () => {
    const view = after(
      snapshot({ headSequence: 2n, items: [item("r1", 2, RunState.RUNNING, "番")] }),
      delta(3, "頭"),
    );
    expect(reply(view)?.text).toBe("番頭");
  });

  it("keeps earlier items only where they join", () => {
    const before = snapshot({ headSequence: 2n, items: [item("a", 1), item("b", 2)], hasEarlier: false });
    const joining = snapshot({ headSequence: 3n, items: [item("b", 2), item("c", 3)], hasEarlier: true });
    const apart = snapshot({ headSequence: 9n, items: [item("h", 8), item("i", 9)], hasEarlier: true });
    expect(after(before, joining).items.map(({ messageId }) => messageId)).toEqual(["a", "b", "c"]);
    expect(after(before, joining).hasEarlier).toBe(false);
    expect(after(before, apart).items.map(({ messageId }) => messageId)).toEqual(["h", "i"]);
    expect(after(before, apart).hasEarlier).toBe(true);
  });

  it("that resumes nothing asks for a whole one", () => {
    expect(after(snapshot({ resumed: true })).broken).toBe("text");
  });
});
