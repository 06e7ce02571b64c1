import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clientId } from "../conversation/client-id";
import { type ConversationView, isRunning, latestTurn } from "../conversation/conversation-view";
import { useEarlierPages } from "../conversation/use-earlier-pages";
import { RunState } from "../gen/banto/v1/common_pb";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import { useNewTask } from "../tasks/use-new-task";
import { failureText } from "../ui/failure-text";
import { stateName } from "../ui/format";
import { useCall } from "../ui/use-call";
import { ChatHeader } from "./chat-header";
import { CompanionNotice } from "./companion-notice";
import { Composer } from "./composer";
import { ConversationMeter, latestContext } from "./conversation-meter";
import { Transcript } from "./transcript";
import { TurnStatus } from "./turn-status";
import { usePutAway } from "./use-put-away";
import { companionBlock, useCompanion } from "./use-companion";

interface ChatPageProps {
  readonly view: ConversationView;
  /** Sequence of a message to show first. */
  readonly at: number | undefined;
}

export function ChatPage({ view, at }: ChatPageProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { conversation } = view;
  const companion = useCompanion(conversation);
  const blocked = companionBlock(companion);
  const transcript = useEarlierPages(view);
  const turn = latestTurn(view);
  const running = turn && isRunning(turn.state) ? turn : undefined;
  const [editing, setEditing] = useState<string>();
  const newTask = useNewTask();
  const { conversationId, workspaceId } = conversation;
  const makeTask = useCallback(
    (description: string) => void newTask({ workspaceId, fromConversationId: conversationId, description }),
    [newTask, workspaceId, conversationId],
  );

  const stop = useCall(() => clients.conversations.cancelTurn({ turnId: running?.turnId ?? "" }));
  const requestIds = useRef(new Map<string, string>());
  const regenerate = useCall((turnId: string) => {
    // The same id for the same turn: a second click is the same request.
    const requestId = requestIds.current.get(turnId) ?? clientId();
    requestIds.current.set(turnId, requestId);
    return clients.conversations.regenerateTurn({ turnId, requestId });
  });
  const failure = stop.failure ?? regenerate.failure;

  const lastOwnMessage = useMemo(() => view.items.findLast((item) => item.messageId === turn?.userMessageId), [view.items, turn]);

  return (
    <div className="chat">
      <ChatHeader conversation={conversation} companion={companion} />
      <Transcript
        key={conversation.conversationId}
        conversationId={conversation.conversationId}
        transcript={transcript}
        latestTurnId={turn?.turnId}
        at={at}
        editing={editing}
        onEdit={setEditing}
        onMakeTask={makeTask}
        blocked={blocked}
        onRegenerate={running || blocked || regenerate.pending ? undefined : (turnId) => void regenerate.run(turnId)}
      />
      <div className="chat-foot">
        {companion && <CompanionNotice companion={companion} />}
        {conversation.archivedAt && <ArchivedNotice conversation={conversation} />}
        {failure && (
          <p className="inline-failure" role="alert">
            {failureText(t, failure)}
          </p>
        )}
        <TurnStatus turn={running} />
        <Composer
          conversationId={conversation.conversationId}
          blocked={blocked}
          running={running && { stopping: stop.pending, stop: () => void stop.run() }}
          onSent={() => undefined}
          aside={<ConversationMeter conversation={conversation} context={latestContext(view)} />}
          {...(lastOwnMessage && !running && { onEditLast: () => setEditing(lastOwnMessage.messageId) })}
        />
      </div>
      <Announcer key={conversation.conversationId} view={view} />
    </div>
  );
}

function ArchivedNotice({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useTranslation();
  const { archive } = usePutAway(conversation, conversation.title || t("conversations.untitled"));
  return (
    <p className="chat-archived soft small">
      {t("chat.archived")}
      <button type="button" className="button button-small" onClick={() => void archive(false)}>
        {t("conversations.unarchive")}
      </button>
    </p>
  );
}

/** Reads a reply out once it is whole: half sentences help nobody. */
function Announcer({ view }: { readonly view: ConversationView }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  // What had ended before is no news. A turn may begin and end between two
  // frames, so that nobody sees it running.
  const first = latestTurn(view);
  const known = useRef(first && !isRunning(first.state) ? first.turnId : undefined);
  useEffect(() => {
    const turn = latestTurn(view);
    if (turn === undefined || turn.turnId === known.current) {
      return;
    }
    if (isRunning(turn.state)) {
      setText("");
      return;
    }
    known.current = turn.turnId;
    const reply = view.items.find((item) => item.messageId === turn.assistantMessageId)?.text ?? "";
    const end = turn.state === RunState.COMPLETED ? t("chat.finished") : t("chat.ended", { state: stateName(t, turn.state) });
    setText(`${end} ${reply.slice(0, 600)}`);
  }, [view, t]);
  return (
    <div className="visually-hidden" role="status" data-testid="announcer">
      {text}
    </div>
  );
}
