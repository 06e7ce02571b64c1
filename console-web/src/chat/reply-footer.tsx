import { Link } from "@tanstack/react-router";
import { CircleAlert, CirclePause } from "lucide-react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { isRunning } from "../conversation/conversation-view";
import { RunState } from "../gen/banto/v1/common_pb";
import type { TranscriptItem, Turn } from "../gen/banto/v1/companion_conversation_pb";
import { AnswerSource } from "../gen/banto/v1/worker_pb";
import { pageOfDocument } from "../markdown/doc-target";
import { costText, durationText, failureKindName, spanMs, tokensText } from "../ui/format";

interface ReplyFooterProps {
  readonly item: TranscriptItem;
  readonly turn: Turn | undefined;
  readonly onRetry: (() => void) | undefined;
}

const endKeys = new Map([
  [RunState.CANCELLED as RunState, "stateText.cancelled"],
  [RunState.TIMED_OUT as RunState, "stateText.timedOut"],
  [RunState.PROVIDER_FAILED as RunState, "stateText.providerFailed"],
  [RunState.FAILED as RunState, "stateText.failed"],
  [RunState.INTERRUPTED as RunState, "stateText.interrupted"],
] as const);

/** What to know of a reply besides its text: how it ended, what it rests on, what it cost. */
export function ReplyFooter({ item, turn, onRetry }: ReplyFooterProps) {
  const { t } = useTranslation();
  if (isRunning(item.state)) {
    return null;
  }
  const endKey = endKeys.get(item.state);
  const { failure } = turn ?? {};
  const calm = item.state === RunState.CANCELLED;
  const Icon = calm ? CirclePause : CircleAlert;
  return (
    <footer className="message-foot">
      {item.text === "" && item.state === RunState.COMPLETED && <p className="soft">{t("message.noText")}</p>}
      {endKey !== undefined && (
        <div className={calm ? "turn-end" : "turn-end turn-end-failed"} data-testid="turn-end">
          <Icon aria-hidden="true" size={16} />
          <div>
            <p>{failure ? t("message.sentence", { text: failureKindName(t, failure.kind) }) : t(endKey)}</p>
            {failure && failure.message !== "" && <p className="soft">{sentence(failure.message)}</p>}
            {failure && turn && turn.jobId !== "" && (
              <p className="small">
                <Link to="/jobs/$jobId" params={{ jobId: turn.jobId }} preload={false}>
                  {t("message.details")}
                </Link>
              </p>
            )}
          </div>
          {onRetry && !item.superseded && (
            <button type="button" className="button button-small" onClick={onRetry}>
              {t("message.retry")}
            </button>
          )}
        </div>
      )}
      {item.citations.length > 0 && (
        <section className="citations" aria-label={t("message.citations")}>
          <h3>{t("message.citations")}</h3>
          <ul>
            {item.citations.map(({ document, heading, anchor }) => (
              <li key={`${document}#${anchor}`}>
                <Link
                  to="/docs/$page"
                  params={{ page: pageOfDocument(document) }}
                  {...(anchor !== "" && { hash: anchor })}
                  preload={false}
                >
                  {heading}
                </Link>{" "}
                <span className="soft small">docs/{document}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {turn && <UsageLine turn={turn} />}
    </footer>
  );
}

function UsageLine({ turn }: { readonly turn: Turn }) {
  const { t, i18n } = useTranslation();
  if (turn.answerSource === AnswerSource.GUIDE) {
    return null;
  }
  const span = spanMs(turn.createdAt, turn.endedAt);
  const parts = [
    turn.model === "" ? `${t("message.model")}: ${t("message.unknown")}` : turn.model,
    tokensText(t, turn.usage, i18n.language),
    costText(t, turn.usage, i18n.language),
    ...(span === undefined ? [] : [durationText(span, i18n.language)]),
  ];
  return <p className="usage">{parts.join(" · ")}</p>;
}
