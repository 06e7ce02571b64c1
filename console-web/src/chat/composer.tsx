import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Choices } from "../conversation/choices";
import { clientId } from "../conversation/client-id";
import { deliver } from "../conversation/deliver";
import { attemptFor, newConversation } from "../conversation/drafts";
import { useDraft } from "../conversation/use-draft";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { charactersLeft, isComposing, sendable } from "./message-text";

interface ComposerProps {
  /** Undefined: the message begins a conversation. */
  readonly conversationId: string | undefined;
  /** The Companion takes no messages. */
  readonly blocked: boolean;
  /** A turn runs, and can be stopped. */
  readonly running: { readonly stopping: boolean; readonly stop: () => void } | undefined;
  readonly onSent: (conversationId: string) => void;
  readonly onEditLast?: () => void;
  /** For a conversation that begins with the message. */
  readonly choices?: Choices;
  /** What else there is to know while writing. */
  readonly aside?: ReactNode;
}

const growsByItself = CSS.supports("field-sizing", "content");

export function Composer({ conversationId, blocked, running, onSent, onEditLast, choices, aside }: ComposerProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [draft, setDraft] = useDraft(conversationId ?? newConversation);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<CallFailure>();
  const field = useRef<HTMLTextAreaElement>(null);
  const helpId = useId();

  const left = charactersLeft(draft.text);
  const text = sendable(draft.text);
  const ready = text !== "" && left >= 0 && !blocked && !sending && running === undefined;

  useLayoutEffect(() => {
    // Where CSS cannot do it. Asking for the height makes the browser lay the
    // page out at each key.
    if (field.current !== null && !growsByItself) {
      field.current.style.height = "auto";
      field.current.style.height = `${field.current.scrollHeight}px`;
    }
  }, [draft.text]);

  useEffect(() => focusWithoutKeyboard(field.current), []);

  const send = async () => {
    if (!ready) {
      return;
    }
    const attempt = attemptFor({ ...draft, text }, clientId, choices);
    // Kept before it is sent: the page may die before the answer comes.
    setDraft({ text: draft.text, attempt, uncertain: true });
    setSending(true);
    setFailure(undefined);
    try {
      const sentTo = await deliver(clients, conversationId, attempt);
      setDraft({ text: "" });
      onSent(sentTo);
    } catch (thrown) {
      const refusal = CallFailure.from(thrown);
      setDraft({ text: draft.text, attempt, uncertain: refusal.unknownOutcome });
      setFailure(refusal);
    } finally {
      setSending(false);
      focusWithoutKeyboard(field.current);
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent)) {
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void send();
    } else if (event.key === "ArrowUp" && draft.text === "" && onEditLast) {
      event.preventDefault();
      onEditLast();
    }
  };

  const uncertain = draft.uncertain === true && !sending && draft.attempt?.text === text;
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {failure && (
        <p className="inline-failure" role="alert">
          {t("chat.notSent")} {failureText(t, failure)}
        </p>
      )}
      {uncertain && <p className="soft small">{t("chat.maybeSent")}</p>}
      <div className="composer-box">
        <textarea
          ref={field}
          className="composer-field"
          rows={1}
          aria-label={t("chat.message")}
          aria-describedby={helpId}
          placeholder={t("chat.placeholder")}
          value={draft.text}
          readOnly={sending}
          onChange={(event) => {
            setFailure(undefined);
            setDraft({ ...draft, text: event.target.value });
          }}
          onKeyDown={onKeyDown}
        />
        {running === undefined ? (
          <button type="submit" className="button button-primary composer-button" disabled={!ready}>
            <ArrowUp aria-hidden="true" size={16} />
            {sending ? t("chat.sending") : t("chat.send")}
          </button>
        ) : (
          <button
            type="button"
            className="button composer-button"
            disabled={running.stopping}
            onClick={() => {
              running.stop();
              field.current?.focus();
            }}
          >
            <Square aria-hidden="true" size={13} fill="currentColor" />
            {running.stopping ? t("chat.stopping") : t("chat.stop")}
          </button>
        )}
      </div>
      <p className="composer-help soft">
        <span className="composer-hint" id={helpId}>
          {t("chat.hint")}
        </span>
        {left < 1000 && (
          <span className={left < 0 ? "inline-failure" : undefined} role="status">
            {left < 0 ? t("chat.over", { count: -left }) : t("chat.left", { count: left })}
          </span>
        )}
        {aside}
      </p>
    </form>
  );
}

/** On a phone the keyboard would come up and cover what one is about to read. */
function focusWithoutKeyboard(field: HTMLTextAreaElement | null): void {
  if (window.matchMedia("(pointer: fine)").matches) {
    field?.focus();
  }
}
