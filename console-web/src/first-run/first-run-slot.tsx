import { Suspense, lazy } from "react";
import { newConversation, saveDraft } from "../conversation/drafts";
import type { WorkerInfo } from "../gen/banto/v1/worker_pb";
import { useWatched } from "../shell/console-context";

// Whoever has said something before never needs it.
const FirstRun = lazy(async () => ({ default: (await import("./first-run")).FirstRun }));

interface FirstRunSlotProps {
  readonly companion: WorkerInfo | undefined;
  /** The draft of the new conversation is another one now. */
  readonly onDraft: () => void;
}

/** The first steps, where nothing was ever said. */
export function FirstRunSlot({ companion, onDraft }: FirstRunSlotProps) {
  const conversations = useWatched({ kind: "conversations" });
  if (conversations.phase !== "ready" || conversations.view.length > 0 || companion === undefined) {
    return null;
  }
  return (
    <Suspense fallback={null}>
      <FirstRun
        companion={companion}
        onTry={(text) => {
          saveDraft(localStorage, newConversation, { text });
          onDraft();
        }}
      />
    </Suspense>
  );
}
