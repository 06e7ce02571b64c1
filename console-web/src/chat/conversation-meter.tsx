import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { ConversationView } from "../conversation/conversation-view";
import type { Conversation, TurnContext } from "../gen/banto/v1/companion_conversation_pb";
import { useWatched } from "../shell/console-context";
import { costText, tokensText } from "../ui/format";
import { ContextGauge } from "./context-gauge";

interface ConversationMeterProps {
  readonly conversation: Conversation;
  /** Of the latest request to a model. */
  readonly context: TurnContext | undefined;
}

/**
 * Tokens and cost of the whole conversation, and how full the model's context
 * is. It has nothing to say of the text that streams, so that does not draw it.
 */
export const ConversationMeter = memo(function ConversationMeter({ conversation, context }: ConversationMeterProps) {
  const { t, i18n } = useTranslation();
  const conversations = useWatched({ kind: "conversations" });
  const { conversationId } = conversation;
  // The list follows every turn; the view has the sum of when it was opened.
  const listed =
    conversations.phase === "ready"
      ? conversations.view.find((other) => other.conversationId === conversationId)
      : undefined;
  const usage = listed?.usage ?? conversation.usage;
  const counted = usage?.inputTokens !== undefined || usage?.outputTokens !== undefined;
  if (!counted && context === undefined) {
    return null;
  }
  return (
    <span className="conversation-meter">
      {counted && (
        <span className="conversation-usage" title={t("context.sum")}>
          <span className="visually-hidden">{t("context.sum")}: </span>
          {tokensText(t, usage, i18n.language)} · {costText(t, usage, i18n.language)}
        </span>
      )}
      {context && <ContextGauge context={context} />}
    </span>
  );
});

export function latestContext(view: ConversationView): TurnContext | undefined {
  for (let index = view.items.length - 1; index >= 0; index -= 1) {
    const context = view.turns.get(view.items[index]?.turnId ?? "")?.context;
    if (context !== undefined) {
      return context;
    }
  }
  return undefined;
}
