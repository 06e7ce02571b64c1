import { useCallback, useState } from "react";
import { type Draft, loadDraft, saveDraft } from "./drafts";

/** The draft of a conversation, kept in this browser with every keystroke. */
export function useDraft(conversationId: string): readonly [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => loadDraft(localStorage, conversationId));
  const change = useCallback(
    (next: Draft) => {
      setDraft(next);
      saveDraft(localStorage, conversationId, next);
    },
    [conversationId],
  );
  return [draft, change];
}
