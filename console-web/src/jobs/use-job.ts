import { useEffect, useState } from "react";
import { CallFailure } from "../api/failure";
import { isRunning } from "../conversation/conversation-view";
import type { GetJobResponse } from "../gen/banto/v1/jobs_pb";
import { useConsole, useWatched } from "../shell/console-context";

/** How often the response of a running job is asked for. */
const responseEveryMs = 2_000;

export interface WatchedJob {
  readonly detail: GetJobResponse | undefined;
  readonly failure: CallFailure | undefined;
  readonly reload: () => void;
}

/** A job with its texts, as far as they are written. The id must not change. */
export function useJob(jobId: string): WatchedJob {
  const { clients } = useConsole();
  const [detail, setDetail] = useState<GetJobResponse>();
  const [failure, setFailure] = useState<CallFailure>();
  const [round, setRound] = useState(0);
  const live = useWatched({ kind: "jobs" });
  // The feed says that the job changed; its texts are fetched.
  const version = live.phase === "ready" ? live.view.find((job) => job.jobId === jobId)?.version : undefined;

  useEffect(() => {
    const abort = new AbortController();
    clients.jobs
      .getJob({ jobId }, { signal: abort.signal })
      .then((response) => {
        setDetail(response);
        setFailure(undefined);
      })
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) {
          setFailure(CallFailure.from(thrown));
        }
      });
    return () => abort.abort();
  }, [clients, jobId, version, round]);

  const running = detail?.job !== undefined && isRunning(detail.job.state);
  useEffect(() => {
    if (!running) {
      return undefined;
    }
    // The feed tells of states alone; the text so far is asked for.
    const timer = setInterval(() => document.hidden || setRound((before) => before + 1), responseEveryMs);
    return () => clearInterval(timer);
  }, [running]);

  return { detail, failure, reload: () => setRound(round + 1) };
}
