import { RunState } from "../gen/banto/v1/common_pb";
import { type Job, JobType } from "../gen/banto/v1/jobs_pb";
import { stateSlug } from "../ui/format";

/** What the list is narrowed down to. Undefined: not by that. */
export interface JobFilter {
  readonly state: RunState | undefined;
  readonly type: JobType | undefined;
  readonly conversationId: string | undefined;
  readonly taskId: string | undefined;
  readonly workflowId: string | undefined;
  readonly planId: string | undefined;
}

/** The same as it stands in the address. */
export interface JobSearch {
  readonly state?: string;
  readonly type?: string;
  readonly conversation?: string;
  readonly task?: string;
  readonly workflow?: string;
  readonly plan?: string;
}

export const jobStates: readonly RunState[] = [
  RunState.QUEUED,
  RunState.RUNNING,
  RunState.COMPLETED,
  RunState.CANCELLED,
  RunState.TIMED_OUT,
  RunState.PROVIDER_FAILED,
  RunState.FAILED,
  RunState.INTERRUPTED,
];

/** Every type that this build knows, by its name in the address. */
export const jobTypes: readonly (readonly [JobType, string])[] = Object.entries(JobType).flatMap(([name, value]) =>
  typeof value === "number" && value !== JobType.UNSPECIFIED ? [[value, name.toLowerCase()] as const] : [],
);

/** A word that means nothing narrows nothing. */
export function filterOf({ state, type, conversation, task, workflow, plan }: JobSearch): JobFilter {
  return {
    state: jobStates.find((candidate) => stateSlug(candidate) === state),
    type: jobTypes.find(([, name]) => name === type)?.[0],
    conversationId: conversation === "" ? undefined : conversation,
    taskId: task === "" ? undefined : task,
    workflowId: workflow === "" ? undefined : workflow,
    planId: plan === "" ? undefined : plan,
  };
}

export function passes(job: Job, { state, type, conversationId, taskId, workflowId, planId }: JobFilter): boolean {
  return (
    (state === undefined || job.state === state) &&
    (type === undefined || job.jobType === type) &&
    (conversationId === undefined || job.conversationId === conversationId) &&
    (taskId === undefined || job.taskId === taskId) &&
    (workflowId === undefined || job.workflowId === workflowId) &&
    (planId === undefined || job.planId === planId)
  );
}
