import { useCallback, useEffect, useState } from "react";
import { CallFailure } from "../api/failure";
import { RunState } from "../gen/banto/v1/common_pb";
import { type Job, JobType } from "../gen/banto/v1/jobs_pb";
import { useConsole } from "../shell/console-context";
import type { JobFilter } from "./job-filter";

interface ListedJobs {
  readonly jobs: readonly Job[];
  readonly loading: boolean;
  readonly failure: CallFailure | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

const pageSize = 50;

/** Pages of the jobs that pass the filter, from the newest on. */
export function useListedJobs({ state, type, conversationId, taskId, workflowId, planId }: JobFilter): ListedJobs {
  const { clients } = useConsole();
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const [next, setNext] = useState("");
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<CallFailure>();

  const load = useCallback(
    async (from: string, signal?: AbortSignal) => {
      setLoading(true);
      setFailure(undefined);
      try {
        const answer = await clients.jobs.listJobs(
          {
            state: state ?? RunState.UNSPECIFIED,
            jobType: type ?? JobType.UNSPECIFIED,
            conversationId: conversationId ?? "",
            taskId: taskId ?? "",
            workflowId: workflowId ?? "",
            planId: planId ?? "",
            pageSize,
            pageToken: from,
          },
          signal ? { signal } : {},
        );
        setJobs((before) => (from === "" ? answer.jobs : [...before, ...answer.jobs]));
        setNext(answer.nextPageToken);
        setLoading(false);
      } catch (thrown) {
        if (signal?.aborted !== true) {
          const refusal = CallFailure.from(thrown);
          // What is in the address and no id is nobody's, so there are no jobs of it.
          const nobody = ["conversation_id", "task_id", "workflow_id", "plan_id"].some((field) => refusal.blames(field));
          setFailure(nobody ? undefined : refusal);
          if (nobody) {
            setJobs([]);
            setNext("");
          }
          setLoading(false);
        }
      }
    },
    [clients, state, type, conversationId, taskId, workflowId, planId],
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
