import { randomUUID } from "node:crypto";
import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import { CancelOutcome } from "../src/gen/banto/v1/companion_conversation_pb";
import { FailureKind, RunState } from "../src/gen/banto/v1/common_pb";
import { type Job, JobSchema, JobType } from "../src/gen/banto/v1/jobs_pb";
import { FileSource, ReasonKind, type Task, type TaskFile, TaskFileSchema } from "../src/gen/banto/v1/tasks_pb";
import { FinderMode, StageKind, type Workflow, WorkflowSchema, type WorkflowStage, WorkflowStageSchema, type WorkflowUpdateSchema, Workflows } from "../src/gen/banto/v1/workflows_pb";
import { paths, reasoned, sizeOf, workspaceOf } from "./fake-workspace";

type Update = MessageInitShape<typeof WorkflowUpdateSchema>;
type EventKind = NonNullable<Extract<NonNullable<Update["kind"]>, { case: "event" }>["value"]["kind"]>;

export interface Work {
  readonly begin: (job: Job) => void;
  readonly change: (job: Job) => void;
}

interface FinderTasks extends Work {
  readonly taskOf: (taskId: string) => Task;
  readonly found: (taskId: string, files: readonly TaskFile[], workflow: Workflow) => void;
  readonly changed: (task: Task, fields: Partial<Task>) => void;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const workflows: Workflow[] = [];
const requests = new Map<string, Workflow>();
const watchers = new Map<string, Set<(update: Update) => void>>();
const cancelled = new Set<string>();
const kinds: StageKind[] = [StageKind.ROOT_FOLDER_SELECTION, StageKind.REGEX_FILE_FILTER, StageKind.FILE_RELEVANCE_ASSESSMENT, StageKind.EXTENDED_PATH_FINDER];
const jobTypes = [JobType.ROOT_FOLDER_SELECTION, JobType.REGEX_FILE_FILTER, JobType.FILE_RELEVANCE_ASSESSMENT, JobType.EXTENDED_PATH_FINDER];

export function workflowOf(id: string): Workflow {
  const workflow = workflows.find(({ workflowId }) => workflowId === id);
  if (workflow === undefined) {
    throw reasoned(Code.NotFound, "WORKFLOW_NOT_FOUND", "there is no such workflow");
  }
  return workflow;
}

/** Stages as a stream carries them: without what they left. */
function bare(workflow: Workflow): Workflow {
  return create(WorkflowSchema, { ...workflow, stages: workflow.stages.map((stage) => ({ ...stage, artifact: undefined })) as never });
}

export function watchWorkflow(id: string, send: (update: Update) => void): () => void {
  send({ kind: { case: "snapshot", value: { workflow: bare(workflowOf(id)) } } });
  const all = watchers.get(id) ?? new Set();
  watchers.set(id, all.add(send));
  return () => all.delete(send);
}

function tell(workflow: Workflow, update: Update): void {
  watchers.get(workflow.workflowId)?.forEach((send) => send(update));
}

function event(workflow: Workflow, kind: EventKind): void {
  workflow.headSequence += 1n;
  tell(workflow, { kind: { case: "event", value: { sequence: workflow.headSequence, occurredAt: timestampNow(), kind } } });
}

const relevantPaths = paths.filter((path) => path.startsWith("console-web/src/feed/") || path.startsWith("console-web/src/jobs/"));
const extendedPaths = paths.filter((path) => path.startsWith("console-web/src/docs/"));

const reasons = (path: string, index: number) => [
  { kind: ReasonKind.SYMBOL, text: `It defines ${path.split("/").at(-1)?.replace(/\..*/, "")}, whose name has terms of the task.`, symbol: "reduceWatched", terms: ["feed", "watch"], lines: { firstLine: 12 + index, lastLine: 18 + index } },
  { kind: ReasonKind.LINES, text: "A passage has terms of the task.", terms: ["cursor", "resume"], lines: { firstLine: 30, lastLine: 34 } },
  ...(index % 3 === 0 ? [{ kind: ReasonKind.COMMIT, text: "A past commit with terms of the task changed it: Resume a watch from its cursor.", commit: "3e63d48" }] : []),
  ...(index % 4 === 0 ? [{ kind: ReasonKind.CHANGED_WITH, text: "Changed in 7 of 9 commits together with another file.", otherPath: "console-web/src/feed/subjects.ts" }] : []),
];

export const foundFiles = (workflowId: string): TaskFile[] => [
  ...relevantPaths.map((path, index) =>
    create(TaskFileSchema, { path, source: FileSource.RELEVANT, score: Math.max(0.12, 0.97 - index * 0.03), reasons: reasons(path, index), tokens: BigInt(Math.ceil(sizeOf(path) / 4)), sizeBytes: BigInt(sizeOf(path)), workflowId }),
  ),
  ...extendedPaths.map((path, index) =>
    create(TaskFileSchema, { path, source: FileSource.EXTENDED, score: 0.4 - index * 0.02, reasons: reasons(path, index).slice(0, 1), tokens: BigInt(Math.ceil(sizeOf(path) / 4)), sizeBytes: BigInt(sizeOf(path)), workflowId }),
  ),
];

function artifact(index: number, model: boolean): WorkflowStage["artifact"] {
  const values = [
    { case: "selectedRoots", value: { roots: [{ path: "console-web/src", share: 0.82, fileCount: 240 }, { path: "docs", share: 0.11, fileCount: 12 }], dropped: model ? [{ what: "frontend/lib", why: "There is no such folder." }] : [] } },
    {
      case: "filteredFiles",
      value: {
        groups: [
          { title: "the feed", path: "(^|/)feed/", content: "\\bwatch\\b", matchCount: 18 },
          { title: "lists of jobs", path: "jobs", negativePath: "\\.spec\\.", matchCount: 9 },
        ],
        dropped: [{ what: "(?<=watch)\\w+", why: "Look-around is not supported, so that matching takes linear time." }],
        paths: relevantPaths,
        total: BigInt(relevantPaths.length),
        searched: 252n,
      },
    },
    {
      case: "relevantFiles",
      value: {
        files: relevantPaths.map((path, at) => ({ path, score: Math.max(0.1, 0.97 - at * 0.03), engineScore: 0.9 - at * 0.03, ...(model && at % 5 !== 4 && { modelScore: 0.99 - at * 0.03 }), relevant: at < 14, reasons: reasons(path, at) })),
        dropped: model ? [{ what: "src/feed/magic.ts", why: "It was no candidate." }] : [],
        notAssessed: model ? 12 : 0,
      },
    },
    { case: "verifiedPaths", value: { files: extendedPaths.map((path, at) => ({ path, score: 0.5 - at * 0.05, reasons: [{ kind: ReasonKind.IMPORTED_BY, text: "Imported by a relevant file.", otherPath: "console-web/src/feed/feed.ts" }] })), dropped: [] } },
  ] as const;
  return create(WorkflowStageSchema, { artifact: { kind: values[index] as never } }).artifact;
}

async function run(workflow: Workflow, from: number, words: string, tasks: FinderTasks): Promise<void> {
  const model = workflow.mode !== FinderMode.ENGINE;
  const beat = words.includes("slow") ? 500 : 90;
  const finish = (state: RunState, fields: Partial<Workflow> = {}) => {
    Object.assign(workflow, { state, endedAt: timestampNow(), ...(model && { usage: create(JobSchema, { usage: { inputTokens: 41_200n, outputTokens: 2_310n, costNanoUsd: 14_920_000n } }).usage }) }, fields);
    const task = tasks.taskOf(workflow.taskId);
    if (state === RunState.COMPLETED) {
      tasks.found(workflow.taskId, foundFiles(workflow.workflowId), workflow);
    }
    tasks.changed(task, { activeWorkflowId: "" });
    event(workflow, { case: "completed", value: { workflow: bare(workflow) } });
  };
  workflow.state = RunState.RUNNING;
  for (const [index, kind] of kinds.entries()) {
    const stage = workflow.stages[index];
    if (stage === undefined || index < from) {
      continue;
    }
    Object.assign(stage, { state: RunState.RUNNING, attempt: 1, startedAt: timestampNow() });
    const job = create(JobSchema, { jobId: randomUUID(), jobType: jobTypes[index] ?? JobType.UNSPECIFIED, state: RunState.RUNNING, taskId: workflow.taskId, workflowId: workflow.workflowId, providerId: "openai", model: "gpt-5-mini", createdAt: timestampNow(), startedAt: timestampNow(), version: 1n });
    if (model) {
      stage.jobIds.push(job.jobId);
      tasks.begin(job);
    }
    event(workflow, { case: "stageStarted", value: { stage: { ...stage } } });
    for (let done = 1; done <= 12; done += 1) {
      await pause(beat);
      if (cancelled.has(workflow.workflowId)) {
        stage.state = RunState.CANCELLED;
        event(workflow, { case: "stageEnded", value: { stage: { ...stage } } });
        finish(RunState.CANCELLED);
        return;
      }
      tell(workflow, { kind: { case: "progress", value: { kind, done: done * 20, total: 240 } } });
    }
    Object.assign(job, { state: RunState.COMPLETED, endedAt: timestampNow(), version: 2n });
    if (words.includes("fail") && index === 2) {
      stage.failure = create(WorkflowStageSchema, { failure: { kind: FailureKind.ANSWER, message: "The answer had no list of files, three times." } }).failure;
      Object.assign(stage, { state: RunState.FAILED, attempt: 3, endedAt: timestampNow() });
      event(workflow, { case: "stageEnded", value: { stage: { ...stage } } });
      finish(RunState.FAILED, stage.failure ? { failure: stage.failure } : {});
      return;
    }
    Object.assign(stage, { state: RunState.COMPLETED, endedAt: timestampNow(), done: 240, total: 240, resultCount: [2, relevantPaths.length, 14, extendedPaths.length][index] ?? 0 });
    if (model) {
      tasks.change(job);
      stage.usage = create(JobSchema, { usage: { inputTokens: 10_300n, outputTokens: 577n, costNanoUsd: 3_730_000n } }).usage;
    }
    event(workflow, { case: "stageEnded", value: { stage: create(WorkflowStageSchema, stage) } });
    stage.artifact = artifact(index, model);
  }
  finish(RunState.COMPLETED, { addedCount: 14 + extendedPaths.length });
}

export function fakeFinder(router: ConnectRouter, tasks: FinderTasks): void {
  const start = (taskId: string, mode: FinderMode, requestId: string, former?: Workflow, fromStage?: StageKind): Workflow => {
    const task = tasks.taskOf(taskId);
    const known = requests.get(requestId);
    if (known) {
      return known;
    }
    if (task.activeWorkflowId !== "") {
      throw reasoned(Code.FailedPrecondition, "WORKFLOW_IN_PROGRESS", "a workflow of this task is running", { active_workflow_id: task.activeWorkflowId });
    }
    const workspace = workspaceOf(task.workspaceId);
    if (mode !== FinderMode.ENGINE && mode !== FinderMode.UNSPECIFIED && !workspace.grants.some(({ providerId }) => providerId === "openai")) {
      throw reasoned(Code.FailedPrecondition, "CONSENT_REQUIRED", "nobody has allowed to send contents of this workspace to openai", { provider_id: "openai" });
    }
    const from = Math.max(0, kinds.indexOf(fromStage ?? StageKind.ROOT_FOLDER_SELECTION));
    const judged = mode === FinderMode.UNSPECIFIED ? FinderMode.ENGINE : mode;
    const workflow = create(WorkflowSchema, {
      workflowId: `0199${Date.now().toString(16)}-${randomUUID().slice(9)}`,
      taskId,
      workspaceId: task.workspaceId,
      descriptionVersion: task.descriptionVersion,
      state: RunState.QUEUED,
      mode: judged,
      modeReason: mode === FinderMode.UNSPECIFIED ? "No provider may be sent contents of this workspace." : "",
      ...(judged !== FinderMode.ENGINE && { providerId: "openai", model: "gpt-5-mini" }),
      stages: kinds.map((kind, index) =>
        index < from && former ? { ...former.stages[index], reusedFromWorkflowId: former.workflowId } as never : { kind, state: RunState.QUEUED },
      ),
      retryOfWorkflowId: former?.workflowId ?? "",
      epoch: "e1",
      createdAt: timestampNow(),
    });
    workflows.unshift(workflow);
    requests.set(requestId, workflow);
    tasks.changed(task, { activeWorkflowId: workflow.workflowId, latestWorkflowId: workflow.workflowId });
    setTimeout(() => void run(workflow, from, former ? "" : task.description, tasks), 300);
    return workflow;
  };
  router.service(Workflows, {
    startFileFinder: ({ taskId, mode, requestId }) => ({ workflow: bare(start(taskId, mode, requestId)) }),
    retryWorkflow: ({ workflowId, fromStage, requestId }) => {
      const former = workflowOf(workflowId);
      return { workflow: bare(start(former.taskId, former.mode, requestId, former, fromStage)) };
    },
    getWorkflow: ({ workflowId }) => ({ workflow: workflowOf(workflowId) }),
    listWorkflows: ({ taskId }) => ({ workflows: workflows.filter((workflow) => workflow.taskId === taskId).map(bare) }),
    cancelWorkflow: ({ workflowId }) => {
      cancelled.add(workflowId);
      return { workflow: bare(workflowOf(workflowId)), outcome: CancelOutcome.CANCELLED };
    },
  });
}
