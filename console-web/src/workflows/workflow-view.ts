import type { Usage } from "../gen/banto/v1/common_pb";
import { RunState } from "../gen/banto/v1/common_pb";
import type { StageProgress, Workflow, WorkflowEvent, WorkflowStage, WorkflowUpdate } from "../gen/banto/v1/workflows_pb";

/** What is known of one workflow: a pure function of its watch. Artifacts are fetched. */
export interface WorkflowView {
  readonly epoch: string;
  /** The last event that is part of this view; where a watch resumes. */
  readonly sequence: bigint;
  readonly workflow: Workflow;
  /** Events are missing; the view is sound up to `sequence`. */
  readonly broken: "gap" | undefined;
}

export function reduceWorkflow(view: WorkflowView | undefined, { kind }: WorkflowUpdate): WorkflowView | undefined {
  switch (kind.case) {
    case "snapshot": {
      const { workflow } = kind.value;
      return workflow ? { epoch: workflow.epoch, sequence: workflow.headSequence, workflow, broken: undefined } : view;
    }
    case "event":
      return view && applyEvent(view, kind.value);
    case "progress":
      return view && applyProgress(view, kind.value);
    case "reset":
      return undefined;
    case "heartbeat":
    case undefined:
      return view;
  }
}

function applyEvent(view: WorkflowView, { sequence, kind }: WorkflowEvent): WorkflowView {
  if (sequence <= view.sequence) {
    return view;
  }
  if (sequence !== view.sequence + 1n) {
    return { ...view, broken: "gap" };
  }
  const next: WorkflowView = { ...view, sequence, broken: undefined };
  switch (kind.case) {
    case "stageStarted":
    case "stageEnded": {
      const { stage } = kind.value;
      const state = isOver(view.workflow) ? view.workflow.state : RunState.RUNNING;
      return stage ? { ...next, workflow: { ...withStage(view.workflow, stage), state } } : next;
    }
    case "completed":
      return kind.value.workflow ? { ...next, workflow: kind.value.workflow } : next;
    case undefined:
      return next;
  }
}

function applyProgress(view: WorkflowView, { kind, done, total }: StageProgress): WorkflowView {
  const stage = view.workflow.stages.find((candidate) => candidate.kind === kind);
  // One that ended says itself how far it came; a late word is no news.
  return stage?.state === RunState.RUNNING ? { ...view, workflow: withStage(view.workflow, { ...stage, done, total }) } : view;
}

function withStage(workflow: Workflow, stage: WorkflowStage): Workflow {
  return { ...workflow, stages: workflow.stages.map((other) => (other.kind === stage.kind ? stage : other)) };
}

export function isOver({ state }: Pick<Workflow, "state">): boolean {
  return state !== RunState.QUEUED && state !== RunState.RUNNING;
}

/** How many stages have left something; artifacts are worth fetching again when it changes. */
export function finishedStages({ stages }: Workflow): number {
  return stages.filter(({ state }) => state === RunState.COMPLETED).length;
}

const counts = ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "costNanoUsd"] as const;

/**
 * What the model calls came to so far. A sum with an unknown part is unknown;
 * without any call there is nothing to sum.
 */
export function usageSoFar({ usage, stages }: Workflow): Usage | undefined {
  if (usage !== undefined) {
    return usage;
  }
  const [first, ...others] = stages.flatMap((stage) => (stage.usage ? [stage.usage] : []));
  return first && others.reduce((sum, part) => addUsage(sum, part), first);
}

function addUsage(sum: Usage, part: Usage): Usage {
  const { $typeName } = sum;
  const known = counts.flatMap((name) => {
    const [a, b] = [sum[name], part[name]];
    return a === undefined || b === undefined ? [] : [[name, a + b] as const];
  });
  return { $typeName, ...Object.fromEntries(known) };
}
