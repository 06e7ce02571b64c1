import { useCallback, useEffect, useRef, useState } from "react";
import { CallFailure } from "../api/failure";
import { useConnection } from "../shell/console-context";

export interface Loaded<T> {
  /** What was loaded last; kept while it is loaded anew, also when that fails. */
  readonly value: T | undefined;
  readonly failure: CallFailure | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
  /** Puts in what a command answered. */
  readonly set: (value: T) => void;
}

/**
 * Something that is fetched, because no stream carries it: when the page opens,
 * when the server is back, and when the person comes back to the tab.
 * `load` must be memoised.
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ value: T | undefined; failure: CallFailure | undefined; loading: boolean }>({
    value: undefined,
    failure: undefined,
    loading: true,
  });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const set = useCallback((value: T) => setState({ value, failure: undefined, loading: false }), []);

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    load(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ value, failure: undefined, loading: false }),
      (thrown: unknown) =>
        !abort.signal.aborted && setState((before) => ({ ...before, failure: CallFailure.from(thrown), loading: false })),
    );
    return () => abort.abort();
  }, [load, round]);

  const { state: connection } = useConnection();
  const cutOff = useRef(false);
  useEffect(() => {
    if (connection === "live" && cutOff.current) {
      reload();
    }
    cutOff.current = connection === "reconnecting";
  }, [connection, reload]);

  useEffect(() => {
    const onVisible = () => document.hidden || reload();
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [reload]);

  return { ...state, reload, set };
}
