import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { type Job, JobSchema, JobsUpdateSchema } from "../gen/banto/v1/jobs_pb";
import { reduceJobs } from "./jobs-view";
import { mergeJobs } from "./merge-jobs";

const job = (jobId: string, version: number, state: RunState = RunState.RUNNING): Job =>
  create(JobSchema, { jobId, version: BigInt(version), state });
const upserted = (value: Job) => create(JobsUpdateSchema, { kind: { case: "upserted", value } });
const ids = (jobs: readonly Job[] | undefined) => jobs?.map(({ jobId, version }) => `${jobId}.${version}`);

describe("reduceJobs", () => {
  it("takes newer versions and new jobs, the newest first", () => {
    const view = [job("b", 2), job("a", 1)];
    expect(ids(reduceJobs(view, upserted(job("a", 2))))).toEqual(["b.2", "a.2"]);
    expect(ids(reduceJobs(view, upserted(job("c", 1))))).toEqual(["c.1", "b.2", "a.1"]);
    expect(reduceJobs(view, upserted(job("b", 2)))).toBe(view);
  });
});

describe("mergeJobs", () => {
  it("keeps a filtered list true to what the feed says", () => {
    const all = { state: undefined, type: undefined, conversationId: undefined, taskId: undefined, workflowId: undefined, planId: undefined };
    const listed = [job("b", 1), job("a", 1)];
    const live = [job("c", 1), job("b", 2, RunState.COMPLETED)];
    expect(ids(mergeJobs(listed, live, { ...all, state: RunState.RUNNING }))).toEqual(["c.1", "a.1"]);
    expect(ids(mergeJobs(listed, live, { ...all, state: RunState.COMPLETED }))).toEqual(["b.2"]);
    expect(ids(mergeJobs(listed, live, all))).toEqual(["c.1", "b.2", "a.1"]);
  });
});
