import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type ConversationView, isRunning, latestTurn } from "../conversation/conversation-view";

/**
 * Names the tab. A reply that ended while nobody looked is counted in front of
 * the name until somebody does.
 */
export function useDocumentTitle(title: string, view?: ConversationView): void {
  const { t } = useTranslation();
  const waiting = useRef(0);
  const running = useRef<string>(undefined);

  useEffect(() => {
    const show = () => {
      if (!document.hidden) {
        waiting.current = 0;
      }
      const full = `${title} – ${t("app.name")}`;
      document.title = waiting.current > 0 ? t("app.waiting", { count: waiting.current, title: full }) : full;
    };
    const turn = view && latestTurn(view);
    if (turn !== undefined && running.current === turn.turnId && !isRunning(turn.state) && document.hidden) {
      waiting.current += 1;
    }
    running.current = turn && isRunning(turn.state) ? turn.turnId : undefined;
    show();
    document.addEventListener("visibilitychange", show);
    return () => document.removeEventListener("visibilitychange", show);
  }, [title, view, t]);
}
