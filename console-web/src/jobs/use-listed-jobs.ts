import { useCallback, useEffect, useState } from "react";
import { CallFailure } from "../api/failure";
import { RunState } from "../gen/banto/v1/common_pb";
import type { Job } from "../gen/banto/v1/jobs_pb";
import { useConsole } from "../shell/console-context";

interface ListedJobs {
  readonly jobs: readonly Job[];
  readonly loading: boolean;
  readonly failure: CallFailure | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

const pageSize = 50;

/** Pages of jobs in one state, from the newest on. */
export function useListedJobs(state: RunState | undefined): ListedJobs {
  const { clients } = useConsole();
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const [next, setNext] = useState("");
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<CallFailure>();

  const load = useCallback(
    async (pageToken: string, signal?: AbortSignal) => {
      setLoading(true);
      setFailure(undefined);
      try {
        const page = await clients.jobs.listJobs(
          { state: state ?? RunState.UNSPECIFIED, pageSize, pageToken },
          signal ? { signal } : {},
        );
        setJobs((before) => (pageToken === "" ? page.jobs : [...before, ...page.jobs]));
        setNext(page.nextPageToken);
        setLoading(false);
      } catch (thrown) {
        if (signal?.aborted !== true) {
          setFailure(CallFailure.from(thrown));
          setLoading(false);
        }
      }
    },
    [clients, state],
  );

  useEffect(() => {
    const abort = new AbortController();
    void load("", abort.signal);
    return () => abort.abort();
  }, [load]);

  return {
    jobs,
    loading,
    failure,
    hasMore: next !== "",
    loadMore: () => void load(next),
    retry: () => void load(jobs.length === 0 ? "" : next),
  };
}
