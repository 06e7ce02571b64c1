import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { IconButton } from "../ui/icon-button";

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly onNavigate?: () => void;
  /** Told when a command changed the conversation, for lists that are not live. */
  readonly onChanged?: () => void;
}

// Menu and dialogs weigh more than the rest of the list, and most rows never
// open theirs.
const loadCommands = () => import("./conversation-commands");
const ConversationCommands = lazy(async () => ({ default: (await loadCommands()).ConversationCommands }));

export function ConversationRow({ conversation, onNavigate, onChanged }: ConversationRowProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const { conversationId } = conversation;
  const title = conversation.title || t("conversations.untitled");
  const button = (
    <IconButton
      icon={Ellipsis}
      label={t("conversations.actions", { title })}
      className="conversation-menu"
      aria-haspopup="menu"
      aria-expanded={wanted}
      onPointerEnter={() => void loadCommands()}
      onFocus={() => void loadCommands()}
      onClick={() => setWanted(true)}
    />
  );
  return (
    <li className="conversation-row">
      <Link
        to="/c/$conversationId"
        params={{ conversationId }}
        className="nav-link conversation-link"
        preload={false}
        title={title}
        {...(onNavigate && { onClick: onNavigate })}
      >
        <span className="conversation-title">{title}</span>
        {conversation.activeTurnId !== "" && (
          <span className="spinner" role="img" aria-label={t("conversations.generating")} />
        )}
      </Link>
      {wanted ? (
        <Suspense fallback={button}>
          <ConversationCommands conversation={conversation} title={title} {...(onChanged && { onChanged })} />
        </Suspense>
      ) : (
        button
      )}
    </li>
  );
}
