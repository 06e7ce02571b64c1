import { Link } from "@tanstack/react-router";
import { Suspense, lazy, memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { choicesOf } from "../conversation/choices";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import type { WorkerInfo } from "../gen/banto/v1/worker_pb";
import { answering } from "./answering";
import { ConversationMenu } from "./conversation-menu";
import { SettingsButton } from "./settings-button";

const loadSettings = () => import("./conversation-settings");
const ConversationSettings = lazy(async () => ({ default: (await loadSettings()).ConversationSettings }));

interface ChatHeaderProps {
  readonly conversation: Conversation;
  readonly companion: WorkerInfo | undefined;
}

/** What the conversation is called, who answers in it, and what can be done with it. */
export const ChatHeader = memo(function ChatHeader({ conversation, companion }: ChatHeaderProps) {
  const { t } = useTranslation();
  const title = conversation.title || t("conversations.untitled");
  const { forkedFromConversationId } = conversation;
  const [settings, setSettings] = useState(false);
  return (
    <header className="chat-head">
      <div className="chat-head-title">
        <h1 title={title}>{title}</h1>
        {forkedFromConversationId !== "" && (
          <p className="soft small">
            {t("chat.forked")}{" "}
            <Link to="/c/$conversationId" params={{ conversationId: forkedFromConversationId }} preload={false}>
              {t("chat.forkedOpen")}
            </Link>
          </p>
        )}
      </div>
      <SettingsButton
        answers={answering(t, choicesOf(conversation.settings), companion)}
        onPrepare={() => void loadSettings()}
        onOpen={() => setSettings(true)}
      />
      {settings && (
        <Suspense fallback={null}>
          <ConversationSettings conversation={conversation} onClose={() => setSettings(false)} />
        </Suspense>
      )}
      <ConversationMenu conversation={conversation} title={title} />
    </header>
  );
});
