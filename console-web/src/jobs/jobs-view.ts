import type { Job, JobsUpdate } from "../gen/banto/v1/jobs_pb";

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

// Ids are UUIDv7: their order is the order of creation.
export function newestFirst(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => (a.jobId < b.jobId ? 1 : -1));
}
