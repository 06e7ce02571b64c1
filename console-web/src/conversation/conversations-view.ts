import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Conversation, ConversationsUpdate } from "../gen/banto/v1/companion_conversation_pb";

/** Conversations that are not archived, the most recently used first. */
export type ConversationsView = readonly Conversation[];

export function reduceConversations(
  view: ConversationsView | undefined,
  { kind }: ConversationsUpdate,
): ConversationsView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.conversations;
    case "upserted": {
      const changed = kind.value;
      const others = (view ?? []).filter((other) => other.conversationId !== changed.conversationId);
      return changed.archivedAt ? others : [changed, ...others].toSorted(byUse);
    }
    case "deletedConversationId":
      return view?.filter((conversation) => conversation.conversationId !== kind.value);
    case "heartbeat":
    case undefined:
      return view;
  }
}

function byUse(a: Conversation, b: Conversation): number {
  return usedAt(b) - usedAt(a) || (a.conversationId < b.conversationId ? 1 : -1);
}

function usedAt(conversation: Conversation): number {
  return conversation.updatedAt ? timestampMs(conversation.updatedAt) : 0;
}
