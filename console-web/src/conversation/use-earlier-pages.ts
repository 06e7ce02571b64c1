import { useCallback, useMemo, useRef, useState } from "react";
import { CallFailure } from "../api/failure";
import type { TranscriptItem, Turn } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import type { ConversationView } from "./conversation-view";

interface Pages {
  /** First item of the view that these pages lead up to. */
  readonly anchor: bigint;
  readonly items: readonly TranscriptItem[];
  readonly turns: ReadonlyMap<string, Turn>;
  readonly hasEarlier: boolean;
}

export interface Transcript {
  readonly items: readonly TranscriptItem[];
  readonly turns: ReadonlyMap<string, Turn>;
  readonly hasEarlier: boolean;
  readonly loading: boolean;
  readonly failure: CallFailure | undefined;
  readonly loadEarlier: () => void;
}

const pageSize = 100;

/**
 * The view of a conversation with the pages before it that were asked for. The
 * feed holds the newest items; older ones do not change and are fetched.
 */
export function useEarlierPages(view: ConversationView): Transcript {
  const { clients } = useConsole();
  const [pages, setPages] = useState<Pages>();
  const [loading, setLoading] = useState(false);
  const [failure, setFailure] = useState<CallFailure>();
  const busy = useRef(false);

  const anchor = view.items[0]?.sequence ?? 0n;
  // After a reset the view begins elsewhere, and pages before the former
  // beginning would leave a hole.
  const joined = pages?.anchor === anchor ? pages : undefined;
  const hasEarlier = joined?.hasEarlier ?? view.hasEarlier;
  const before = joined?.items[0]?.sequence ?? anchor;
  const { conversationId } = view.conversation;

  const loadEarlier = useCallback(() => {
    if (busy.current || !hasEarlier) {
      return;
    }
    busy.current = true;
    setLoading(true);
    setFailure(undefined);
    clients.conversations
      .getTranscript({ conversationId, beforeSequence: before, pageSize })
      .then((page) =>
        setPages({
          anchor,
          items: [...page.items, ...(joined?.items ?? [])],
          turns: new Map([...(joined?.turns ?? []), ...page.turns.map((turn) => [turn.turnId, turn] as const)]),
          hasEarlier: page.hasEarlier,
        }),
      )
      .catch((thrown: unknown) => setFailure(CallFailure.from(thrown)))
      .finally(() => {
        busy.current = false;
        setLoading(false);
      });
  }, [clients, conversationId, anchor, before, hasEarlier, joined]);

  const items = useMemo(() => [...(joined?.items ?? []), ...view.items], [joined, view.items]);
  const turns = useMemo(
    () => (joined ? new Map([...joined.turns, ...view.turns]) : view.turns),
    [joined, view.turns],
  );
  return { items, turns, hasEarlier, loading, failure, loadEarlier };
}
