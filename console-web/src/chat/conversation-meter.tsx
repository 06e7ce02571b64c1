import { useTranslation } from "react-i18next";
import type { ConversationView } from "../conversation/conversation-view";
import { useWatched } from "../shell/console-context";
import { costText, tokensText } from "../ui/format";
import { ContextGauge } from "./context-gauge";

/** Tokens and cost of the whole conversation, and how full the model's context is. */
export function ConversationMeter({ view }: { readonly view: ConversationView }) {
  const { t, i18n } = useTranslation();
  const conversations = useWatched({ kind: "conversations" });
  const { conversationId } = view.conversation;
  // The list follows every turn; the view has the sum of when it was opened.
  const listed =
    conversations.phase === "ready"
      ? conversations.view.find((conversation) => conversation.conversationId === conversationId)
      : undefined;
  const usage = listed?.usage ?? view.conversation.usage;
  const context = latestContext(view);
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
}

function latestContext(view: ConversationView) {
  for (let index = view.items.length - 1; index >= 0; index -= 1) {
    const context = view.turns.get(view.items[index]?.turnId ?? "")?.context;
    if (context !== undefined) {
      return context;
    }
  }
  return undefined;
}
