import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { ConversationSchema, ConversationsUpdateSchema } from "../gen/banto/v1/companion_conversation_pb";
import { reduceConversations } from "./conversations-view";

const conversation = (conversationId: string, usedAt: number, archived = false) =>
  create(ConversationSchema, {
    conversationId,
    updatedAt: timestampFromMs(usedAt),
    ...(archived && { archivedAt: timestampFromMs(usedAt) }),
  });

const after = (...kinds: Parameters<typeof create<typeof ConversationsUpdateSchema>>[1][]) =>
  kinds
    .map((kind) => create(ConversationsUpdateSchema, kind))
    .reduce<ReturnType<typeof reduceConversations>>(reduceConversations, undefined)
    ?.map(({ conversationId }) => conversationId);

const snapshot = {
  kind: { case: "snapshot" as const, value: { conversations: [conversation("b", 2), conversation("a", 1)] } },
};

describe("reduceConversations", () => {
  it("puts what was used last first", () => {
    expect(after(snapshot)).toEqual(["b", "a"]);
    expect(after(snapshot, { kind: { case: "upserted", value: conversation("a", 3) } })).toEqual(["a", "b"]);
    expect(after(snapshot, { kind: { case: "upserted", value: conversation("c", 3) } })).toEqual(["c", "b", "a"]);
  });

  it("drops what was archived or deleted", () => {
    expect(after(snapshot, { kind: { case: "upserted", value: conversation("b", 3, true) } })).toEqual(["a"]);
    expect(after(snapshot, { kind: { case: "deletedConversationId", value: "a" } })).toEqual(["b"]);
  });
});
