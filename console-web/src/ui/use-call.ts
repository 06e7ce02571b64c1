import { useCallback, useEffect, useRef, useState } from "react";
import { CallFailure } from "../api/failure";

export interface Call<Args extends readonly unknown[], Result> {
  /** Resolves to undefined when the call failed; `failure` says why. */
  readonly run: (...args: Args) => Promise<Result | undefined>;
  readonly pending: boolean;
  readonly failure: CallFailure | undefined;
  readonly forget: () => void;
}

/** A command of the page: one at a time, with its failure for showing. */
export function useCall<Args extends readonly unknown[], Result>(
  command: (...args: Args) => Promise<Result>,
): Call<Args, Result> {
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<CallFailure>();
  const latest = useRef(command);
  useEffect(() => {
    latest.current = command;
  });
  const run = useCallback(async (...args: Args) => {
    setPending(true);
    setFailure(undefined);
    try {
      return await latest.current(...args);
    } catch (thrown) {
      setFailure(CallFailure.from(thrown));
      return undefined;
    } finally {
      setPending(false);
    }
  }, []);
  const forget = useCallback(() => setFailure(undefined), []);
  return { run, pending, failure, forget };
}
