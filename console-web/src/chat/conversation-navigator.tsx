import { Search, X } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "../commands/use-commands";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { useHiddenConversations } from "../conversation/use-hidden-conversations";
import { useConsole, useWatched } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { IconButton } from "../ui/icon-button";
import { Empty, Failed, Loading } from "../ui/states";
import { useCall } from "../ui/use-call";
import "./conversation-navigator.css";
import { ConversationRow } from "./conversation-row";
import { MessageHits } from "./message-hits";

interface NavigatorProps {
  readonly onNavigate?: () => void;
}

/** The conversations, and the search through them. */
export function ConversationNavigator({ onNavigate }: NavigatorProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const field = useRef<HTMLInputElement>(null);
  useSearchCommand(field);
  return (
    <>
      <search className="navigator-search">
        <Search aria-hidden="true" size={15} />
        <input
          ref={field}
          type="text"
          role="searchbox"
          className="field"
          aria-label={t("conversations.search")}
          placeholder={t("conversations.search")}
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && text !== "") {
              event.stopPropagation();
              setText("");
            }
          }}
        />
        {text !== "" && (
          <IconButton
            icon={X}
            label={t("conversations.clearSearch")}
            onClick={() => {
              setText("");
              field.current?.focus();
            }}
          />
        )}
      </search>
      <div className="navigator-scroll">
        {query === "" ? (
          <ConversationList {...(onNavigate && { onNavigate })} />
        ) : (
          <MessageHits query={query} {...(onNavigate && { onNavigate })} />
        )}
      </div>
    </>
  );
}

function ConversationList({ onNavigate }: NavigatorProps) {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const watched = useWatched({ kind: "conversations" });
  const hidden = useHiddenConversations();
  if (watched.phase === "loading") {
    return <Loading />;
  }
  if (watched.phase === "failed") {
    return <Failed title={t("conversations.failed")} detail={watched.failure.message} onRetry={() => feed.retryNow()} />;
  }
  const conversations = watched.view.filter(({ conversationId }) => !hidden.has(conversationId));
  return (
    <>
      {conversations.length === 0 ? (
        <Empty>{t("conversations.empty")}</Empty>
      ) : (
        <ul aria-labelledby="sidebar-conversations">
          {conversations.map((conversation) => (
            <ConversationRow
              key={conversation.conversationId}
              conversation={conversation}
              {...(onNavigate && { onNavigate })}
            />
          ))}
        </ul>
      )}
      <Archive {...(onNavigate && { onNavigate })} />
    </>
  );
}

function Archive({ onNavigate }: NavigatorProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [open, setOpen] = useState(false);
  const [listed, setListed] = useState<readonly Conversation[]>();
  const hidden = useHiddenConversations();
  const archived = listed?.filter(({ conversationId }) => !hidden.has(conversationId));
  const list = useCall(async () => {
    const { conversations } = await clients.conversations.listConversations({ archived: true, pageSize: 200 });
    setListed(conversations);
  });
  const { run } = list;
  useEffect(() => {
    if (open) {
      void run();
    }
  }, [open, run]);
  return (
    <div className="navigator-archive">
      <button type="button" className="button button-small" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? t("conversations.hideArchived") : t("conversations.showArchived")}
      </button>
      {open && list.failure && <Failed title={t("conversations.failed")} detail={failureText(t, list.failure)} onRetry={() => void run()} />}
      {open && archived?.length === 0 && <Empty>{t("conversations.noArchived")}</Empty>}
      {open && archived && archived.length > 0 && (
        <ul aria-label={t("conversations.archived")}>
          {archived.map((conversation) => (
            <ConversationRow
              key={conversation.conversationId}
              conversation={conversation}
              onChanged={() => void run()}
              {...(onNavigate && { onNavigate })}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

/** `/` goes to the search from anywhere, and so does its name in the palette. */
function useSearchCommand(field: React.RefObject<HTMLInputElement | null>): void {
  const { t } = useTranslation();
  const commands = useMemo(
    () => [{ id: "search", group: "actions", title: t("conversations.search"), keys: "/", run: () => field.current?.focus() } as const],
    [t, field],
  );
  useCommands(commands);
}
