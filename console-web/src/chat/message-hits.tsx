import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Conversation, MessageHit } from "../gen/banto/v1/companion_conversation_pb";
import { useHiddenConversations } from "../conversation/use-hidden-conversations";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { Empty, Failed, Loading } from "../ui/states";

interface Found {
  readonly query: string;
  readonly titles: readonly Conversation[];
  readonly hits: readonly MessageHit[];
  readonly next: string;
}

interface MessageHitsProps {
  readonly query: string;
  readonly onNavigate?: () => void;
}

/** A pause in typing, after which the server is asked. */
const pauseMs = 180;

/** Titles and messages that contain what is searched for. */
export function MessageHits({ query, onNavigate }: MessageHitsProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [found, setFound] = useState<Found>();
  const [failure, setFailure] = useState<CallFailure>();
  const [round, setRound] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      Promise.all([
        clients.conversations.searchMessages({ query }, { signal: abort.signal }),
        clients.conversations.listConversations({ titleContains: query, pageSize: 5 }, { signal: abort.signal }),
      ])
        .then(([messages, titled]) => {
          setFailure(undefined);
          setFound({ query, titles: titled.conversations, hits: messages.hits, next: messages.nextPageToken });
        })
        .catch((thrown: unknown) => {
          if (!abort.signal.aborted) {
            setFailure(CallFailure.from(thrown));
          }
        });
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [clients, query, round]);

  const hidden = useHiddenConversations();

  if (failure) {
    return <Failed title={t("error.generic")} detail={failureText(t, failure)} onRetry={() => setRound(round + 1)} />;
  }
  if (found === undefined) {
    return <Loading label={t("conversations.searching")} />;
  }
  const titles = found.titles.filter(({ conversationId }) => !hidden.has(conversationId));
  const hits = found.hits.filter(({ conversationId }) => !hidden.has(conversationId));
  if (hits.length === 0 && titles.length === 0) {
    return <Empty>{t("conversations.noHits")}</Empty>;
  }
  const more = async () => {
    try {
      const page = await clients.conversations.searchMessages({ query: found.query, pageToken: found.next });
      setFound({ ...found, hits: [...found.hits, ...page.hits], next: page.nextPageToken });
    } catch (thrown) {
      setFailure(CallFailure.from(thrown));
    }
  };
  const follow = onNavigate && { onClick: onNavigate };
  return (
    <>
      {titles.length > 0 && (
        <section aria-label={t("conversations.titleMatches")}>
          <h3 className="navigator-heading">{t("conversations.titleMatches")}</h3>
          <ul>
            {titles.map(({ conversationId, title }) => (
              <li key={conversationId}>
                <Link to="/c/$conversationId" params={{ conversationId }} className="nav-link conversation-link" preload={false} {...follow}>
                  <span className="conversation-title">{title || t("conversations.untitled")}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {hits.length > 0 && (
        <section aria-label={t("conversations.messageMatches")}>
          <h3 className="navigator-heading">{t("conversations.messageMatches")}</h3>
          <ul>
            {hits.map(({ conversationId, conversationTitle, item, snippet }) => (
              <li key={item?.messageId}>
                <Link
                  to="/c/$conversationId"
                  params={{ conversationId }}
                  search={item ? { at: Number(item.sequence) } : {}}
                  className="nav-link message-hit"
                  preload={false}
                  {...follow}
                >
                  <span className="message-hit-title">{conversationTitle || t("conversations.untitled")}</span>
                  <span className="soft small">{snippet}</span>
                </Link>
              </li>
            ))}
          </ul>
          {found.next !== "" && (
            <button type="button" className="button button-small" onClick={() => void more()}>
              {t("conversations.more")}
            </button>
          )}
        </section>
      )}
    </>
  );
}
