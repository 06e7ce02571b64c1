import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { ConversationMenu } from "./conversation-menu";
import { conversationLinkId } from "./use-put-away";

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly onNavigate?: (() => void) | undefined;
  readonly onChanged?: (() => void) | undefined;
}

export function ConversationRow({ conversation, onNavigate, onChanged }: ConversationRowProps) {
  const { t } = useTranslation();
  const { conversationId } = conversation;
  const title = conversation.title || t("conversations.untitled");
  const row = useRef<HTMLLIElement>(null);
  return (
    <li ref={row} className="conversation-row">
      <Link
        to="/c/$conversationId"
        params={{ conversationId }}
        id={conversationLinkId(conversationId)}
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
      <ConversationMenu
        conversation={conversation}
        title={title}
        onChanged={onChanged}
        onPutAway={() => {
          focusNeighbour(row.current);
          // In a drawer the toast with its way back would lie behind.
          onNavigate?.();
        }}
      />
    </li>
  );
}

/** The row goes and takes the focus along, unless another has it first. */
function focusNeighbour(row: HTMLLIElement | null): void {
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  const link = neighbour?.querySelector("a") ?? document.querySelector<HTMLElement>(".sidebar a");
  // After the menu has given the focus back to its button.
  setTimeout(() => link?.focus(), 50);
}
