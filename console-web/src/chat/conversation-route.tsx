import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ConversationView } from "../conversation/conversation-view";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { Failed, Loading } from "../ui/states";
import "./chat.css";
import { ChatPage } from "./chat-page";

const route = getRouteApi("/c/$conversationId");

/** `/c/:conversationId` */
export function ConversationRoute() {
  const { conversationId } = route.useParams();
  const { at } = route.useSearch();
  const watched = useWatched({ kind: "conversation", conversationId });
  return <Conversation key={conversationId} watched={watched} at={at} />;
}

interface ConversationProps {
  readonly watched: ReturnType<typeof useWatched<{ kind: "conversation"; conversationId: string }>>;
  readonly at: number | undefined;
}

function Conversation({ watched, at }: ConversationProps) {
  const { t } = useTranslation();
  const { feed } = useConsole();
  // Between a reset and its snapshot the page stays as it was.
  const [last, setLast] = useState<ConversationView>();
  const ready = watched.phase === "ready" ? watched.view : undefined;
  useEffect(() => setLast((before) => ready ?? before), [ready]);
  if (watched.phase === "loading" && last !== undefined) {
    return <Live view={last} at={at} />;
  }
  if (watched.phase === "loading") {
    return (
      <div className="page">
        <Loading />
      </div>
    );
  }
  if (watched.phase === "failed") {
    const gone = watched.failure.reason === "CONVERSATION_NOT_FOUND";
    return (
      <div className="page">
        <Failed
          title={gone ? t("chat.notFound") : t("error.generic")}
          detail={gone ? undefined : watched.failure.message}
          onRetry={gone ? undefined : () => feed.retryNow()}
        />
      </div>
    );
  }
  return <Live view={watched.view} at={at} />;
}

function Live({ view, at }: { readonly view: ConversationView; readonly at: number | undefined }) {
  const { t } = useTranslation();
  useDocumentTitle(view.conversation.title || t("conversations.untitled"), view);
  return view.deleted ? (
    <div className="page">
      <Failed title={t("chat.deleted")} />
    </div>
  ) : (
    <ChatPage view={view} at={at} />
  );
}
