import type { Span } from "./plan-document";

/** What a comment that is being written speaks of. */
export interface CommentTarget {
  /** 0: none. */
  readonly step: number;
  /** In the text that is shown, in code units. */
  readonly span: Span | undefined;
  readonly quote: string;
  readonly revisionId: string;
}

const prefix = "banto.comment-draft.";

/** What was written of a comment survives its page. */
export function loadCommentDraft(storage: Storage, planId: string): string {
  return storage.getItem(prefix + planId) ?? "";
}

export function saveCommentDraft(storage: Storage, planId: string, text: string): void {
  try {
    if (text === "") {
      storage.removeItem(prefix + planId);
    } else {
      storage.setItem(prefix + planId, text);
    }
  } catch {
    // Storage is full or forbidden; the page still has it.
  }
}
