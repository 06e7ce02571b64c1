import type { Job, JobsUpdate } from "../gen/banto/v1/jobs_pb";
import { type JobFilter, passes } from "./job-filter";

/** The newest jobs, the newest first. */
export type JobsView = readonly Job[];

/** As many as a snapshot may hold; older ones are a page away. */
const kept = 100;

export function reduceJobs(view: JobsView | undefined, { kind }: JobsUpdate): JobsView | undefined {
  switch (kind.case) {
    case "snapshot":
      return kind.value.jobs;
    case "upserted": {
      const changed = kind.value;
      const known = view?.find((job) => job.jobId === changed.jobId);
      if (known && known.version >= changed.version) {
        return view;
      }
      return newestFirst([changed, ...(view ?? []).filter((job) => job !== known)]).slice(0, kept);
    }
    case "heartbeat":
    case undefined:
      return view;
  }
}

/**
 * Lays what the feed knows over pages that were listed with a filter: newer
 * versions win, jobs that left the filter go, and new jobs come in.
 */
export function mergeJobs(listed: readonly Job[], live: JobsView, filter: JobFilter): readonly Job[] {
  const merged = new Map(listed.map((job) => [job.jobId, job] as const));
  for (const job of live) {
    const known = merged.get(job.jobId);
    if (known === undefined || known.version < job.version) {
      merged.set(job.jobId, job);
    }
  }
  return newestFirst([...merged.values()].filter((job) => passes(job, filter)));
}

// Ids are UUIDv7: their order is the order of creation.
function newestFirst(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => (a.jobId < b.jobId ? 1 : -1));
}
