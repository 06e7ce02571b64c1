import { useCallback, useEffect, useState } from "react";
import { CallFailure } from "../api/failure";
import { RunState } from "../gen/banto/v1/common_pb";
import { type Job, JobType } from "../gen/banto/v1/jobs_pb";
import { useConsole } from "../shell/console-context";
import { type JobFilter, passes } from "./job-filter";

interface ListedJobs {
  readonly jobs: readonly Job[];
  readonly loading: boolean;
  readonly failure: CallFailure | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

const pageSize = 50;
/** The server does not know every filter: so many pages are searched at once. */
const pagesAtOnce = 8;

/** Pages of the jobs that pass the filter, from the newest on. */
export function useListedJobs({ state, type, conversationId }: JobFilter): ListedJobs {
  const { clients } = useConsole();
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const [next, setNext] = useState("");
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<CallFailure>();

  const load = useCallback(
    async (from: string, signal?: AbortSignal) => {
      setLoading(true);
      setFailure(undefined);
      const found: Job[] = [];
      let pageToken = from;
      const take = () => {
        setJobs((before) => (from === "" ? found : [...before, ...found]));
        setNext(pageToken);
      };
      try {
        for (let page = 0; page < pagesAtOnce && (page === 0 || (pageToken !== "" && found.length < pageSize / 2)); page += 1) {
          const answer = await clients.jobs.listJobs(
            { state: state ?? RunState.UNSPECIFIED, jobType: type ?? JobType.UNSPECIFIED, pageSize, pageToken },
            signal ? { signal } : {},
          );
          found.push(...answer.jobs.filter((job) => passes(job, { state, type, conversationId })));
          pageToken = answer.nextPageToken;
        }
        take();
        setLoading(false);
      } catch (thrown) {
        if (signal?.aborted !== true) {
          take();
          setFailure(CallFailure.from(thrown));
          setLoading(false);
        }
      }
    },
    [clients, state, type, conversationId],
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
    retry: () => void load(next),
  };
}
