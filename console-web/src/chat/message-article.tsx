import { ListPlus, Pencil, RotateCcw } from "lucide-react";
import { memo, useId } from "react";
import { useTranslation } from "react-i18next";
import { isRunning } from "../conversation/conversation-view";
import { RunState } from "../gen/banto/v1/common_pb";
import { MessageRole, type TranscriptItem, type Turn } from "../gen/banto/v1/companion_conversation_pb";
import { AnswerSource } from "../gen/banto/v1/worker_pb";
import { Markdown } from "../markdown/markdown";
import { CopyButton } from "../ui/copy-button";
import { exactMomentText, momentText, stateSlug } from "../ui/format";
import { IconButton } from "../ui/icon-button";
import { ReplyFooter } from "./reply-footer";

interface MessageArticleProps {
  readonly item: TranscriptItem;
  readonly turn: Turn | undefined;
  /** It is what a search led to. */
  readonly marked: boolean;
  readonly onEdit: (messageId: string) => void;
  readonly onMakeTask: (text: string) => void;
  /** Present on the latest turn only, once it has ended. */
  readonly onRegenerate: ((turnId: string) => void) | undefined;
}

/** One message of the transcript. */
export const MessageArticle = memo(function MessageArticle({ item, turn, marked, onEdit, onMakeTask, onRegenerate }: MessageArticleProps) {
  const { t, i18n } = useTranslation();
  const headId = useId();
  const own = item.role === MessageRole.USER;
  const running = isRunning(item.state);
  const guide = turn?.answerSource === AnswerSource.GUIDE;
  const name = own
    ? t("message.you")
    : guide
      ? t("message.guide")
      : t("message.companion");

  const text = own ? (
    <div className="message-text">{item.text}</div>
  ) : (
    // What the guide says is our own documentation, links included.
    <Markdown text={item.text} complete={!running} docs={guide ? "quoted" : undefined} />
  );

  const actions = !running && (
    <span className="message-actions">
      {item.text !== "" && <CopyButton text={item.text} label={t("message.copy")} />}
      {item.text !== "" && <IconButton icon={ListPlus} label={t("message.makeTask")} onClick={() => onMakeTask(item.text)} />}
      {own && <IconButton icon={Pencil} label={t("message.edit")} onClick={() => onEdit(item.messageId)} />}
      {/* A reply that ended otherwise has its retry below the text. */}
      {!own && turn && item.state === RunState.COMPLETED && !item.superseded && onRegenerate && (
        <IconButton
          icon={RotateCcw}
          label={t("message.regenerate")}
          onClick={() => onRegenerate(turn.turnId)}
        />
      )}
    </span>
  );

  return (
    <article
      className="message"
      aria-labelledby={headId}
      aria-busy={running}
      data-role={own ? "user" : "assistant"}
      data-state={stateSlug(item.state)}
      data-message-id={item.messageId}
      data-marked={marked || undefined}
    >
      <header className="message-head">
        <span id={headId} className="message-name">
          {name}
          {item.createdAt && (
            <>
              <span className="visually-hidden">, </span>
              <time className="message-time" title={exactMomentText(item.createdAt, i18n.language)}>
                {momentText(item.createdAt, i18n.language)}
              </time>
            </>
          )}
        </span>
        {own && actions}
      </header>
      {item.superseded ? (
        <details className="superseded">
          <summary>{t("message.superseded")}</summary>
          {text}
          {actions}
        </details>
      ) : (
        <>
          {text}
          {running && item.text === "" && <span className="writing" aria-hidden="true" />}
          {/* Below, where one is when one has read a long reply. */}
          {!own && <ReplyFooter item={item} turn={turn} onRetry={turn && onRegenerate && (() => onRegenerate(turn.turnId))} />}
          {!own && actions}
        </>
      )}
    </article>
  );
});
