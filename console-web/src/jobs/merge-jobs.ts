import type { Job } from "../gen/banto/v1/jobs_pb";
import { type JobFilter, passes } from "./job-filter";
import { type JobsView, newestFirst } from "./jobs-view";

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
