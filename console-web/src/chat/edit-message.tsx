import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import { clientId } from "../conversation/client-id";
import { deliver } from "../conversation/deliver";
import { attemptFor, saveDraft } from "../conversation/drafts";
import type { TranscriptItem } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";
import { charactersLeft, isComposing, sendable } from "./message-text";

interface EditMessageProps {
  readonly conversationId: string;
  readonly item: TranscriptItem;
  readonly blocked: boolean;
  readonly onClose: () => void;
}

/** Writes a message again, in a new conversation that shares what came before it. */
export function EditMessage({ conversationId, item, blocked, onClose }: EditMessageProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const navigate = useNavigate();
  const [text, setText] = useState(item.text);
  const helpId = useId();
  const requestId = useRef(clientId());

  const fork = useCall(async () => {
    const edited = sendable(text);
    const { conversation } = await clients.conversations.forkConversation({
      conversationId,
      beforeMessageId: item.messageId,
      requestId: requestId.current,
    });
    const target = conversation?.conversationId ?? "";
    const attempt = attemptFor({ text: edited }, clientId);
    try {
      await deliver(clients, target, attempt);
    } catch (thrown) {
      // The conversation is there; its draft is the edited text, to be sent again.
      saveDraft(localStorage, target, {
        text: edited,
        attempt,
        uncertain: CallFailure.from(thrown).unknownOutcome,
      });
    }
    await navigate({ to: "/c/$conversationId", params: { conversationId: target } });
  });

  const ready = sendable(text) !== "" && charactersLeft(text) >= 0 && !blocked && !fork.pending;
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) {
      return;
    }
    if (event.key === "Escape") {
      onClose();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (ready) {
        void fork.run();
      }
    }
  };

  return (
    <form
      className="edit-message"
      onSubmit={(event) => {
        event.preventDefault();
        void fork.run();
      }}
    >
      <textarea
        className="field"
        aria-label={t("message.editLabel")}
        aria-describedby={helpId}
        // Opened by a key or a click of the same person.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        rows={Math.min(12, text.split("\n").length + 1)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <p className="soft small" id={helpId}>
        {t("message.editHelp")}
      </p>
      {fork.failure && (
        <p className="inline-failure" role="alert">
          {failureText(t, fork.failure)}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button button-small" onClick={onClose}>
          {t("message.cancel")}
        </button>
        <button type="submit" className="button button-small button-primary" disabled={!ready}>
          {t("message.editSend")}
        </button>
      </div>
    </form>
  );
}
