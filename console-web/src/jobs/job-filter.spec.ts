import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { JobSchema, JobType } from "../gen/banto/v1/jobs_pb";
import { filterOf, passes } from "./job-filter";

const none = { state: undefined, type: undefined, conversationId: undefined, taskId: undefined, workflowId: undefined, planId: undefined };

describe("filterOf", () => {
  it("reads the address, and a word that means nothing narrows nothing", () => {
    expect(filterOf({ state: "provider_failed", type: "companion_turn", conversation: "c1" })).toEqual({
      state: RunState.PROVIDER_FAILED,
      type: JobType.COMPANION_TURN,
      conversationId: "c1",
      taskId: undefined,
      workflowId: undefined,
      planId: undefined,
    });
    expect(filterOf({ state: "nonsense", type: "unspecified", conversation: "" })).toEqual(none);
    expect(filterOf({})).toEqual(none);
  });
});

describe("passes", () => {
  const job = create(JobSchema, { state: RunState.COMPLETED, jobType: JobType.COMPANION_TURN, conversationId: "c1" });

  it("takes what fits every part of the filter", () => {
    expect(passes(job, none)).toBe(true);
    expect(passes(job, { state: RunState.COMPLETED, type: JobType.COMPANION_TURN, conversationId: "c1", taskId: undefined, workflowId: undefined, planId: undefined })).toBe(true);
    expect(passes(job, { ...none, state: RunState.FAILED })).toBe(false);
    expect(passes(job, { ...none, conversationId: "c2" })).toBe(false);
  });
});
