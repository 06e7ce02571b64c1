import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, MessageHit } from "../gen/banto/v1/companion_conversation_pb";
import { useHiddenConversations } from "../conversation/use-hidden-conversations";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { Empty, Failed, Loading } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useDebounced } from "../ui/use-debounced";
import { useLoaded } from "../ui/use-loaded";

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
  const words = useDebounced(query, pauseMs);
  const load = useCallback(
    async (signal: AbortSignal): Promise<Found> => {
      const [messages, titled] = await Promise.all([
        clients.conversations.searchMessages({ query: words }, { signal }),
        clients.conversations.listConversations({ titleContains: words, pageSize: 5 }, { signal }),
      ]);
      return { query: words, titles: titled.conversations, hits: messages.hits, next: messages.nextPageToken };
    },
    [clients, words],
  );
  const { value: found, failure, reload, set } = useLoaded(load);
  const more = useCall(async (before: Found) => {
    const page = await clients.conversations.searchMessages({ query: before.query, pageToken: before.next });
    set({ ...before, hits: [...before.hits, ...page.hits], next: page.nextPageToken });
  });

  const hidden = useHiddenConversations();

  const refusal = failure ?? more.failure;
  if (refusal) {
    return (
      <Failed
        title={t("error.generic")}
        detail={failureText(t, refusal)}
        onRetry={() => {
          more.forget();
          reload();
        }}
      />
    );
  }
  if (found === undefined) {
    return <Loading label={t("conversations.searching")} />;
  }
  const titles = found.titles.filter(({ conversationId }) => !hidden.has(conversationId));
  const hits = found.hits.filter(({ conversationId }) => !hidden.has(conversationId));
  if (hits.length === 0 && titles.length === 0) {
    return <Empty>{t("conversations.noHits")}</Empty>;
  }
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
            <button type="button" className="button button-small" onClick={() => void more.run(found)}>
              {t("conversations.more")}
            </button>
          )}
        </section>
      )}
    </>
  );
}
