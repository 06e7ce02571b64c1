import { useEffect, useSyncExternalStore } from "react";
import type { ConversationsView } from "../conversation/conversations-view";
import type { Feed } from "../feed/feed";
import type { TasksView } from "../tasks/tasks-view";

/** Turns and searches that ended while nobody looked at the page. */
const ended = new Set<string>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) {
    listener();
  }
}

/** A turn or a search ended. Counted once, whoever tells, and only where the page is hidden. */
export function replyWaits(id: string): void {
  if (document.hidden && !ended.has(id)) {
    ended.add(id);
    changed();
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && ended.size > 0) {
    ended.clear();
    changed();
  }
});

export function useWaiting(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ended.size,
  );
}

/** Notices searches that end in tasks that are not open. */
export function useWaitingSearches(feed: Feed, workspaceId: string): void {
  useEffect(() => {
    let running: readonly string[] = [];
    return feed.watch({ kind: "tasks", workspaceId }, (watched) => {
      if (watched.phase === "ready") {
        const now = (watched.view as TasksView).flatMap(({ activeWorkflowId }) => (activeWorkflowId === "" ? [] : [activeWorkflowId]));
        running.filter((workflowId) => !now.includes(workflowId)).forEach(replyWaits);
        running = now;
      }
    });
  }, [feed, workspaceId]);
}

/** Notices replies that end in conversations that are not open. */
export function useWaitingReplies(feed: Feed): void {
  useEffect(() => {
    let running = new Map<string, string>();
    return feed.watch({ kind: "conversations" }, (watched) => {
      if (watched.phase !== "ready") {
        return;
      }
      const now = runningTurns(watched.view as ConversationsView);
      for (const [conversationId, turnId] of running) {
        if (now.get(conversationId) !== turnId) {
          replyWaits(turnId);
        }
      }
      running = now;
    });
  }, [feed]);
}

function runningTurns(view: ConversationsView): Map<string, string> {
  return new Map(
    view.filter(({ activeTurnId }) => activeTurnId !== "").map(({ conversationId, activeTurnId }) => [conversationId, activeTurnId]),
  );
}
