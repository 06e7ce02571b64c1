import { createHash, randomUUID } from "node:crypto";
import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { RunState } from "../src/gen/banto/v1/common_pb";
import {
  type Conversation,
  ConversationSchema,
  type ConversationUpdate,
  ConversationUpdateSchema,
  MessageRole,
  type TranscriptItem,
  TranscriptItemSchema,
  type Turn,
  TurnSchema,
} from "../src/gen/banto/v1/companion_conversation_pb";

export type EventKind = NonNullable<
  Extract<NonNullable<MessageInitShape<typeof ConversationUpdateSchema>["kind"]>, { case: "event" }>["value"]["kind"]
>;

/** One conversation of the fake: its log, its items, and who watches. */
export class ConversationLog {
  readonly conversation: Conversation;
  readonly items: TranscriptItem[] = [];
  readonly turns: Turn[] = [];
  readonly watchers = new Set<(update: ConversationUpdate) => void>();
  readonly events: ConversationUpdate[] = [];

  constructor(workerId: string, title: string) {
    this.conversation = create(ConversationSchema, {
      conversationId: randomUUID(),
      workspaceId: "01980000-0000-7000-8000-0000000000a1",
      runtimeId: "backend-internal",
      workerId,
      title,
      version: 1n,
      epoch: "e1",
      createdAt: timestampNow(),
      updatedAt: timestampNow(),
    });
  }

  emit(kind: NonNullable<MessageInitShape<typeof ConversationUpdateSchema>["kind"]>): void {
    const update = create(ConversationUpdateSchema, { kind });
    if (update.kind.case === "event") {
      this.events.push(update);
    }
    for (const watcher of this.watchers) {
      watcher(update);
    }
  }

  event(kind: EventKind): void {
    this.conversation.headSequence += 1n;
    this.conversation.updatedAt = timestampNow();
    this.emit({
      case: "event",
      value: { sequence: this.conversation.headSequence, occurredAt: timestampNow(), kind },
    });
  }

  add(role: MessageRole, text: string, turnId: string, state: RunState): TranscriptItem {
    const item = create(TranscriptItemSchema, {
      messageId: randomUUID(),
      sequence: this.conversation.headSequence + 1n,
      turnId,
      role,
      text,
      state,
      createdAt: timestampNow(),
    });
    this.items.push(item);
    this.conversation.messageCount += 1n;
    return item;
  }

  start(turnId: string, userMessageId: string, fields: MessageInitShape<typeof TurnSchema>): Turn {
    for (const former of this.turns) {
      if (former.userMessageId === userMessageId) {
        former.supersededBy = turnId;
        const reply = this.items.find((item) => item.messageId === former.assistantMessageId);
        if (reply) {
          reply.superseded = true;
        }
      }
    }
    const reply = this.add(MessageRole.ASSISTANT, "", turnId, RunState.RUNNING);
    const turn = create(TurnSchema, {
      ...(fields as object),
      turnId,
      conversationId: this.conversation.conversationId,
      state: RunState.RUNNING,
      userMessageId,
      assistantMessageId: reply.messageId,
      createdAt: timestampNow(),
    });
    this.turns.push(turn);
    this.conversation.activeTurnId = turnId;
    this.event({ case: "turnStarted", value: { turn: { ...turn }, reply: { ...reply } } });
    return turn;
  }

  write(reply: TranscriptItem, text: string): void {
    const offset = BigInt(Buffer.byteLength(reply.text));
    reply.text += text;
    this.emit({ case: "delta", value: { blockId: reply.messageId, offset, text } });
  }

  end(turn: Turn, reply: TranscriptItem, state: RunState): void {
    turn.state = state;
    reply.state = state;
    turn.endedAt = timestampNow();
    this.conversation.activeTurnId = "";
    this.event({
      case: "turnEnded",
      value: {
        turn: { ...turn },
        textLength: BigInt(Buffer.byteLength(reply.text)),
        textSha256: createHash("sha256").update(reply.text).digest("hex"),
        citations: reply.citations,
      },
    });
  }

  snapshot(afterSequence: bigint, epoch: string): ConversationUpdate[] {
    const resumed = afterSequence > 0n && epoch === this.conversation.epoch;
    const shown = resumed ? [] : this.items.slice(-100);
    const turnIds = new Set(shown.map(({ turnId }) => turnId));
    const first = create(ConversationUpdateSchema, {
      kind: {
        case: "snapshot",
        value: {
          epoch: this.conversation.epoch,
          headSequence: this.conversation.headSequence,
          resumed,
          conversation: { ...this.conversation },
          items: shown.map((item) => ({ ...item })),
          turns: this.turns.filter(({ turnId }) => turnIds.has(turnId)).map((turn) => ({ ...turn })),
          hasEarlier: shown.length < this.items.length && !resumed,
        },
      },
    });
    return [first, ...(resumed ? this.events.filter(({ kind }) => kind.case === "event" && kind.value.sequence > afterSequence) : [])];
  }
}
