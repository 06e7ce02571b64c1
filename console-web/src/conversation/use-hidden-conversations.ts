import { useSyncExternalStore } from "react";
import { useConsole } from "../shell/console-context";

/** Conversations that were deleted here and wait for a change of mind. */
export function useHiddenConversations(): ReadonlySet<string> {
  const { deletions } = useConsole();
  return useSyncExternalStore(deletions.subscribe, deletions.hidden);
}
