import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type ConversationView, isRunning, latestTurn } from "../conversation/conversation-view";
import { replyWaits, useWaiting } from "./waiting";

/**
 * Names the tab. Replies that ended while nobody looked are counted in front of
 * the name, and mark the icon, until somebody does.
 */
export function useDocumentTitle(title: string, view?: ConversationView): void {
  const { t } = useTranslation();
  const waiting = useWaiting();
  const running = useRef<string>(undefined);

  useEffect(() => {
    const turn = view && latestTurn(view);
    if (turn !== undefined && running.current === turn.turnId && !isRunning(turn.state)) {
      replyWaits(turn.turnId);
    }
    running.current = turn && isRunning(turn.state) ? turn.turnId : undefined;
  }, [view]);

  useEffect(() => {
    const full = `${title} – ${t("app.name")}`;
    document.title = waiting > 0 ? t("app.waiting", { count: waiting, title: full }) : full;
    document
      .querySelector<HTMLLinkElement>("link[rel='icon']")
      ?.setAttribute("href", waiting > 0 ? "/banto-waiting.svg" : "/banto.svg");
  }, [title, waiting, t]);
}
