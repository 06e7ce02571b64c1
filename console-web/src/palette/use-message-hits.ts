import { useEffect, useState } from "react";
import type { MessageHit } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";

/** Typing goes on while the search runs; so long a pause asks the server. */
const pauseMs = 180;
const none: readonly MessageHit[] = [];

/** The messages that hold the query's words, once the server has answered. */
export function useMessageHits(query: string): { readonly hits: readonly MessageHit[]; readonly searching: boolean } {
  const { clients } = useConsole();
  const [found, setFound] = useState<{ query: string; hits: readonly MessageHit[] }>({ query: "", hits: none });
  const wanted = query.trim().length > 1 ? query.trim().slice(0, 200) : "";
  useEffect(() => {
    if (wanted === "") {
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      clients.conversations.searchMessages({ query: wanted, pageSize: 8 }, { signal: abort.signal }).then(
        ({ hits }) => setFound({ query: wanted, hits }),
        // The rest of the palette works without; the search page says why.
        () => !abort.signal.aborted && setFound({ query: wanted, hits: none }),
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [clients, wanted]);
  const current = found.query === wanted;
  return { hits: current && wanted !== "" ? found.hits : none, searching: wanted !== "" && !current };
}
