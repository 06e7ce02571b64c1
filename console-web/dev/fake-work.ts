import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import { RunState } from "../src/gen/banto/v1/common_pb";
import type { Subject } from "../src/gen/banto/v1/feed_pb";
import { JobSchema, JobType } from "../src/gen/banto/v1/jobs_pb";
import { PlanOrigin, RevisionAuthor } from "../src/gen/banto/v1/plans_pb";
import { FileChoice, FileSource, type Task, type TaskFile, TaskFileSchema, TaskHistory, TaskSchema, type TaskVersion, TaskVersionCause, TaskVersionSchema, Tasks } from "../src/gen/banto/v1/tasks_pb";
import { planText } from "./fake-plan-texts";
import { fakePlans, seedPlan } from "./fake-plans";
import { record, reviewRoutes } from "./fake-reviews";
import { type Work, fakeFinder, foundFiles, watchWorkflow } from "./fake-finder";
import { fakeWorkspaces, paths, reasoned, sizeOf, workspaceListeners, workspaceOf, workspaces } from "./fake-workspace";

/** What improving jobs answered, by job. */
export const improved = new Map<string, string>();
/** Jobs that somebody cancelled. */
export const stopped = new Set<string>();

interface Kept {
  readonly task: Task;
  readonly versions: TaskVersion[];
  found: TaskFile[];
  choices: Map<string, FileChoice>[];
  at: number;
}

const kept: Kept[] = [];
const requests = new Map<string, Task>();
const listeners = new Set<(task: Task) => void>();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function keptOf(id: string): Kept {
  const found = kept.find(({ task }) => task.taskId === id);
  if (found === undefined) {
    throw reasoned(Code.NotFound, "TASK_NOT_FOUND", "there is no such task");
  }
  return found;
}

const firstLine = (text: string) => (text.split("\n").find((line) => line.trim() !== "") ?? "").replace(/^#+\s*/, "").slice(0, 200);

function files({ found, choices, at }: Kept): TaskFile[] {
  const chosen = choices[at] ?? new Map<string, FileChoice>();
  const own = [...chosen.keys()].filter((path) => !found.some((file) => file.path === path));
  return [
    ...found.map((file) => create(TaskFileSchema, { ...file, choice: chosen.get(file.path) ?? FileChoice.UNSPECIFIED })),
    ...own.map((path) => create(TaskFileSchema, { path, choice: chosen.get(path) ?? FileChoice.UNSPECIFIED, tokens: BigInt(Math.ceil(sizeOf(path) / 4)), sizeBytes: BigInt(sizeOf(path)), looksSecret: path.endsWith(".env") })),
  ].toSorted((a, b) => Number(b.choice === FileChoice.PINNED) - Number(a.choice === FileChoice.PINNED) || (b.score ?? 0) - (a.score ?? 0));
}

function changed(task: Task, fields: Partial<Task>): Task {
  const owner = keptOf(task.taskId);
  const counted = files(owner).filter(({ choice, source }) => choice === FileChoice.INCLUDED || choice === FileChoice.PINNED || (choice === FileChoice.UNSPECIFIED && source !== FileSource.UNSPECIFIED));
  Object.assign(task, fields, {
    revision: task.revision + 1n,
    updatedAt: timestampNow(),
    fileCount: counted.length,
    fileTokens: counted.reduce((sum, { tokens }) => sum + tokens, 0n),
    filesCanUndo: owner.at > 0,
    filesCanRedo: owner.at < owner.choices.length - 1,
  });
  for (const listener of listeners) {
    listener({ ...task });
  }
  return task;
}

function addVersion(owner: Kept, description: string, cause: TaskVersionCause, fields: Partial<TaskVersion> = {}): void {
  owner.versions.push(
    create(TaskVersionSchema, { version: BigInt(owner.versions.length + 1), author: "Console on Linux", cause, description, createdAt: timestampNow(), ...fields } as never),
  );
  const { task } = owner;
  changed(task, {
    description,
    descriptionVersion: BigInt(owner.versions.length),
    canUndo: owner.versions.length > 1,
    canRedo: cause === TaskVersionCause.UNDONE,
    ...(!task.titleIsSet && { title: firstLine(description) }),
  });
}

function make(description: string, title: string, workspaceId: string, fields: Partial<Task> = {}): Kept {
  const task = create(TaskSchema, { taskId: `0199${(Date.now() + kept.length).toString(16)}-${randomUUID().slice(9)}`, workspaceId: workspaceOf(workspaceId).workspaceId, title, titleIsSet: title !== "", createdAt: timestampNow(), ...fields } as never);
  const owner: Kept = { task, versions: [], found: [], choices: [new Map()], at: 0 };
  kept.unshift(owner);
  addVersion(owner, description, TaskVersionCause.CREATED);
  return owner;
}

/** `update` takes the kind of a SubjectUpdate. Undefined: it is no subject of these. */
export function subscribeWork({ subject }: Subject, update: (kind: object) => void): (() => void) | undefined {
  const kind = (name: string, value: unknown) => ({ case: subject.case, value: { kind: { case: name, value } } });
  if (subject.case === "workspaces") {
    update(kind("snapshot", { workspaces: workspaces.filter(({ closedAt }) => !closedAt) }));
    const listener = (workspace: object) => update(kind("upserted", workspace));
    workspaceListeners.add(listener);
    return () => workspaceListeners.delete(listener);
  }
  if (subject.case === "workflow") {
    try {
      return watchWorkflow(subject.value.workflowId, (value) => update({ case: "workflow", value }));
    } catch {
      update({ case: "failed", value: { code: 5, reason: "WORKFLOW_NOT_FOUND", message: "there is no such workflow" } });
      return () => undefined;
    }
  }
  if (subject.case !== "tasks" && subject.case !== "task") {
    return undefined;
  }
  const wanted = subject.case === "task" ? subject.value.taskId : undefined;
  const workspaceId = subject.case === "tasks" ? workspaceOf(subject.value.workspaceId).workspaceId : undefined;
  if (wanted === undefined) {
    update(kind("snapshot", { tasks: kept.map(({ task }) => task).filter((task) => !task.archivedAt && task.workspaceId === workspaceId).slice(0, 100) }));
  } else {
    const owner = kept.find(({ task }) => task.taskId === wanted);
    update(owner ? kind("upserted", { ...owner.task }) : { case: "failed", value: { code: 5, reason: "TASK_NOT_FOUND", message: "there is no such task" } });
  }
  const listener = (task: Task) => {
    if (wanted === undefined ? task.workspaceId === workspaceId : task.taskId === wanted) {
      update(kind("upserted", task));
    }
  };
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function choose(owner: Kept, choices: Map<string, FileChoice>): void {
  owner.choices = [...owner.choices.slice(0, owner.at + 1), choices];
  owner.at += 1;
  changed(owner.task, { filesVersion: owner.task.filesVersion + 1n });
}

async function improve(taskId: string, passage: string, instructions: string, work: Work): Promise<string> {
  const job = create(JobSchema, { jobId: `0199${Date.now().toString(16)}-${randomUUID().slice(9)}`, jobType: JobType.TEXT_IMPROVEMENT, state: RunState.RUNNING, taskId, providerId: "openai", model: "gpt-5-mini", createdAt: timestampNow(), startedAt: timestampNow(), version: 1n });
  work.begin(job);
  void pause(passage.includes("slow") ? 8000 : 1800).then(() => {
    const state = stopped.has(job.jobId) ? RunState.CANCELLED : RunState.COMPLETED;
    improved.set(job.jobId, state !== RunState.COMPLETED ? "" : instructions.includes("shorter") ? "the better line" : `${passage.trim().replaceAll(/\bthe\b/g, "each")}\n\nDone when a test shows it.\n`);
    Object.assign(job, { state, endedAt: timestampNow(), version: 2n, usage: create(JobSchema, { usage: { inputTokens: 812n, outputTokens: 164n, costNanoUsd: 531_000n } }).usage });
    work.change(job);
  });
  return job.jobId;
}

export function fakeWork(router: ConnectRouter, work: Work): void {
  fakeWorkspaces(router);
  fakeFinder(router, {
    ...work,
    taskOf: (id) => keptOf(id).task,
    changed,
    found: (id, found) => {
      keptOf(id).found = [...found];
    },
  });
  fakePlans(router, { ...work, stopped, titleOf: (id) => keptOf(id).task.title }, reviewRoutes);
  router.service(Tasks, {
    createTask: ({ description, title, workspaceId, requestId, fromConversationId, cloneTaskId }) => {
      const known = requests.get(requestId);
      if (known) {
        return { task: known };
      }
      const original = cloneTaskId === "" ? undefined : keptOf(cloneTaskId);
      const owner = make(description || (original?.task.description ?? ""), title || (original?.task.titleIsSet === true ? original.task.title : ""), workspaceId || (original?.task.workspaceId ?? ""), { fromConversationId, clonedFromTaskId: cloneTaskId });
      owner.found = original?.found ?? [];
      owner.choices = [new Map(original?.choices[original.at])];
      requests.set(requestId, changed(owner.task, {}));
      return { task: owner.task };
    },
    getTask: ({ taskId }) => ({ task: keptOf(taskId).task, files: files(keptOf(taskId)) }),
    listTasks: ({ workspaceId, query, archived, pageSize, pageToken }) => {
      const id = workspaceOf(workspaceId).workspaceId;
      const words = query.toLowerCase().split(/\s+/);
      const found = kept.map(({ task }) => task).filter((task) => task.workspaceId === id && (task.archivedAt !== undefined) === archived && words.every((word) => `${task.title} ${task.description}`.toLowerCase().includes(word)));
      const from = Number(pageToken || 0);
      const size = pageSize || 50;
      return { tasks: found.slice(from, from + size), nextPageToken: from + size < found.length ? String(from + size) : "" };
    },
    updateTask: async ({ taskId, expectedVersion, title, description, fromJobId }) => {
      await pause(200);
      const owner = keptOf(taskId);
      const { task } = owner;
      if (description?.includes("conflict") === true && !task.description.includes("Somebody")) {
        addVersion(owner, `Somebody else was here.\n\n${task.description}`, TaskVersionCause.EDITED, { author: "Console on a phone" });
      }
      if (expectedVersion !== 0n && description !== undefined && expectedVersion !== task.descriptionVersion) {
        throw reasoned(Code.Aborted, "VERSION_CONFLICT", "someone else changed it", { current_version: String(task.descriptionVersion) });
      }
      if (title !== undefined) {
        changed(task, { titleIsSet: title !== "", title: title || firstLine(task.description) });
      }
      if (description !== undefined && description !== task.description) {
        addVersion(owner, description, fromJobId === "" ? TaskVersionCause.EDITED : TaskVersionCause.IMPROVED, { jobId: fromJobId });
      }
      return { task };
    },
    listTaskVersions: ({ taskId, beforeVersion, pageSize }) => {
      const all = keptOf(taskId).versions.filter(({ version }) => beforeVersion === 0n || version < beforeVersion).toReversed();
      return { versions: all.slice(0, pageSize || 50), hasEarlier: all.length > (pageSize || 50) };
    },
    revertTask: ({ taskId, history, to }) => {
      const owner = keptOf(taskId);
      if (history === TaskHistory.FILES) {
        owner.at = Math.max(0, Math.min(owner.choices.length - 1, owner.at + (to.case === "undo" ? -1 : 1)));
        changed(owner.task, { filesVersion: owner.task.filesVersion + 1n });
        return { task: owner.task, files: files(owner) };
      }
      const target = to.case === "version" ? Number(to.value) : to.case === "undo" ? owner.versions.length - 1 : owner.versions.length - 1;
      const restored = owner.versions[target - 1];
      if (restored === undefined) {
        throw reasoned(Code.FailedPrecondition, "NOTHING_TO_REVERT", "there is no step to go to");
      }
      const cause = to.case === "version" ? TaskVersionCause.REVERTED : to.case === "undo" ? TaskVersionCause.UNDONE : TaskVersionCause.REDONE;
      addVersion(owner, restored.description, cause, { restoredVersion: restored.version });
      return { task: owner.task };
    },
    archiveTask: ({ taskId, archived }) => {
      const { task } = keptOf(taskId);
      if (archived) {
        return { task: changed(task, { archivedAt: timestampNow() }) };
      }
      delete task.archivedAt;
      return { task: changed(task, {}) };
    },
    improveText: async ({ taskId, start, end, instructions }) => {
      if (instructions.includes("no model")) {
        throw reasoned(Code.FailedPrecondition, "MODEL_REQUIRED", "this needs a model, and none is configured");
      }
      const bytes = Buffer.from(keptOf(taskId).task.description);
      return { job: { jobId: await improve(taskId, bytes.subarray(Number(start), end === 0n ? undefined : Number(end)).toString(), instructions, work), state: RunState.RUNNING } };
    },
    selectFiles: async ({ taskId, decisions }) => {
      await pause(150);
      const owner = keptOf(taskId);
      const missing = decisions.find(({ path, choice }) => (choice === FileChoice.INCLUDED || choice === FileChoice.PINNED) && !paths.includes(path));
      if (missing) {
        throw reasoned(Code.NotFound, "FILE_NOT_FOUND", `${missing.path} is no file of the workspace`);
      }
      const next = new Map(owner.choices[owner.at]);
      for (const { path, choice } of decisions) {
        if (choice === FileChoice.UNSPECIFIED) {
          next.delete(path);
        } else {
          next.set(path, choice);
        }
      }
      choose(owner, next);
      return { task: owner.task, files: files(owner) };
    },
  });
}

for (let index = 60; index > 0; index -= 1) {
  const { task } = make(`Mend fault ${index} of the list\n\nIt shows a row twice.`, "", "");
  task.updatedAt = timestampFromMs(Date.now() - index * 3_600_000);
}
make("検索結果の並び順を直す\n\n関連度の高いものを先に出す。同じ関連度なら新しいものを先にする。", "", "");
const many = make("Ten thousand files matter\n\nFor looking at a long list.", "", "");
many.found = Array.from({ length: 10_000 }, (_, index) =>
  create(TaskFileSchema, { path: `room_${index % 97}/shelf_${index % 13}/file_${index}.rs`, source: FileSource.RELEVANT, score: 1 - index / 10_000, tokens: 400n, sizeBytes: 1600n, workflowId: "w0" }),
);
changed(many.task, {});
const first = make(
  "# Resume a watch from its cursor\n\nWhen the connection is lost, the page asks for everything again. It should go on where the stream ended.\n\n- the cursor is kept with the view 👍\n- a gap is noticed, and the missing events are asked for\n- 再接続のあとも、書きかけの文は残る\n\nSee `feed-client.ts`.\n",
  "",
  "",
);
first.found = foundFiles("w0");
first.choices = [new Map(), new Map([["console-web/src/feed/feed-client.ts", FileChoice.PINNED], [".env", FileChoice.INCLUDED], ["console-web/src/jobs/jobs.css", FileChoice.EXCLUDED]])];
first.at = 1;
changed(first.task, { filesVersion: 1n });
seedPlan(first.task.taskId, "Brief of the search", PlanOrigin.BRIEF, planText("the brief", 3), RevisionAuthor.FINDER);
seedPlan(first.task.taskId, "A plan of a megabyte, for looking how fast it is", PlanOrigin.MODEL, planText("the long one", 1400));
const { plan } = seedPlan(first.task.taskId, "Resume a watch from its cursor", PlanOrigin.MODEL, planText("the watch", 8));
record("plan.generate", plan.planId, { task_id: first.task.taskId });
for (let index = 0; index < 70; index += 1) {
  record("token.use", `0199-token-${index}`, { scope: "chat" });
}
