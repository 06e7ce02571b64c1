import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { StageKind, WorkflowSchema, type WorkflowStageSchema, WorkflowUpdateSchema } from "../gen/banto/v1/workflows_pb";
import { type WorkflowView, finishedStages, isOver, reduceWorkflow, usageSoFar } from "./workflow-view";

type Stage = MessageInitShape<typeof WorkflowStageSchema>;
const kinds = [
  StageKind.ROOT_FOLDER_SELECTION,
  StageKind.REGEX_FILE_FILTER,
  StageKind.FILE_RELEVANCE_ASSESSMENT,
  StageKind.EXTENDED_PATH_FINDER,
];

const update = (kind: NonNullable<MessageInitShape<typeof WorkflowUpdateSchema>["kind"]>) => create(WorkflowUpdateSchema, { kind });
const start = () =>
  reduceWorkflow(
    undefined,
    update({
      case: "snapshot",
      value: {
        workflow: { epoch: "e", headSequence: 2n, state: RunState.QUEUED, stages: kinds.map((kind) => ({ kind, state: RunState.QUEUED })) },
      },
    }),
  );
const started = (view: WorkflowView | undefined, sequence: bigint, stage: Stage) =>
  reduceWorkflow(view, update({ case: "event", value: { sequence, kind: { case: "stageStarted", value: { stage } } } }));
const ended = (view: WorkflowView | undefined, sequence: bigint, stage: Stage) =>
  reduceWorkflow(view, update({ case: "event", value: { sequence, kind: { case: "stageEnded", value: { stage } } } }));

describe("reduceWorkflow", () => {
  it("follows a stage from its beginning to its end", () => {
    const [kind] = kinds;
    const running = started(start(), 3n, { kind: kind ?? 0, state: RunState.RUNNING, attempt: 1 });
    expect(running?.workflow.state).toBe(RunState.RUNNING);
    const further = reduceWorkflow(running, update({ case: "progress", value: { kind: kind ?? 0, done: 3, total: 9 } }));
    expect(further?.workflow.stages[0]).toMatchObject({ done: 3, total: 9 });
    expect(further?.sequence).toBe(3n);
    const over = ended(further, 4n, { kind: kind ?? 0, state: RunState.COMPLETED, done: 9, total: 9, resultCount: 2 });
    expect(over?.workflow.stages[0]).toMatchObject({ state: RunState.COMPLETED, resultCount: 2 });
    expect(over && finishedStages(over.workflow)).toBe(1);
    const late = reduceWorkflow(over, update({ case: "progress", value: { kind: kind ?? 0, done: 4, total: 9 } }));
    expect(late).toBe(over);
  });

  it("takes an event once, and says when some are missing", () => {
    const view = start();
    expect(started(view, 2n, { kind: kinds[0] ?? 0, state: RunState.RUNNING })).toBe(view);
    const gap = started(view, 5n, { kind: kinds[0] ?? 0, state: RunState.RUNNING });
    expect(gap).toMatchObject({ broken: "gap", sequence: 2n });
    expect(started(gap, 3n, { kind: kinds[0] ?? 0, state: RunState.RUNNING })?.broken).toBeUndefined();
  });

  it("takes the whole workflow at its end, and begins anew after a reset", () => {
    const view = reduceWorkflow(
      start(),
      update({ case: "event", value: { sequence: 3n, kind: { case: "completed", value: { workflow: { state: RunState.COMPLETED, addedCount: 4 } } } } }),
    );
    expect(view?.workflow.addedCount).toBe(4);
    expect(view && isOver(view.workflow)).toBe(true);
    expect(reduceWorkflow(view, update({ case: "reset", value: {} }))).toBeUndefined();
  });
});

describe("usageSoFar", () => {
  it("sums what the stages know, and leaves unknown what one does not", () => {
    const workflow = create(WorkflowSchema, {
      stages: [
        { usage: { inputTokens: 10n, outputTokens: 1n, costNanoUsd: 5n } },
        {},
        { usage: { inputTokens: 20n, outputTokens: 2n } },
      ],
    });
    expect(usageSoFar(workflow)).toMatchObject({ inputTokens: 30n, outputTokens: 3n });
    expect(usageSoFar(workflow)?.costNanoUsd).toBeUndefined();
    expect(usageSoFar(create(WorkflowSchema, {}))).toBeUndefined();
  });
});
