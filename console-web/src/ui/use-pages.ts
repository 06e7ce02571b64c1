import { useCallback, useEffect, useState } from "react";
import { CallFailure } from "../api/failure";

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty: this was the last. */
  readonly next: string;
}

export interface Pages<T> {
  readonly items: readonly T[];
  readonly loading: boolean;
  readonly failure: CallFailure | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/** Pages of a list, one after the other. `load` must be memoised. */
export function usePages<T>(load: (from: string, signal: AbortSignal) => Promise<Page<T>>): Pages<T> {
  const [items, setItems] = useState<readonly T[]>([]);
  // What is asked for; a new object asks again.
  const [wanted, setWanted] = useState({ load, from: "" });
  const [next, setNext] = useState("");
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<CallFailure>();
  if (wanted.load !== load) {
    setWanted({ load, from: "" });
  }
  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    setFailure(undefined);
    wanted
      .load(wanted.from, abort.signal)
      .then(
        (page) => {
          if (!abort.signal.aborted) {
            setItems((before) => (wanted.from === "" ? page.items : [...before, ...page.items]));
            setNext(page.next);
          }
        },
        (thrown: unknown) => !abort.signal.aborted && setFailure(CallFailure.from(thrown)),
      )
      .finally(() => !abort.signal.aborted && setLoading(false));
    return () => abort.abort();
  }, [wanted]);
  const loadMore = useCallback(() => setWanted({ load, from: next }), [load, next]);
  const reload = useCallback(() => setWanted({ load, from: "" }), [load]);
  return { items, loading, failure, hasMore: next !== "", loadMore, reload };
}
