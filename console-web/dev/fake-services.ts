import { randomUUID } from "node:crypto";
import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { FailureKind, RunState } from "../src/gen/banto/v1/common_pb";
import { CancelOutcome, CompanionConversation, MessageRole, type Turn } from "../src/gen/banto/v1/companion_conversation_pb";
import { Feed, type Subject, type WatchResponseSchema } from "../src/gen/banto/v1/feed_pb";
import { type Job, JobSchema, JobType, Jobs } from "../src/gen/banto/v1/jobs_pb";
import { RuntimeKind, RuntimeRegistry, RuntimeSchema } from "../src/gen/banto/v1/runtime_registry_pb";
import { AnswerSource, Worker, WorkerInfoSchema, WorkerState } from "../src/gen/banto/v1/worker_pb";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb";
import { ConversationLog } from "./conversation-log";
import { subscribePlans } from "./fake-plans";
import { fakeAudit } from "./fake-reviews";
import { fakeSettings } from "./fake-settings";
import { fakeWork, improved, stopped, subscribeWork } from "./fake-work";
import { guideText, modelText, olderMessages } from "./fake-texts";

type Send = (response: MessageInitShape<typeof WatchResponseSchema>) => void;

const capabilities = { filesystem: false, shell: false, git: false, ticketMutation: false };
const runtime = create(RuntimeSchema, {
  runtimeId: "backend-internal",
  kind: RuntimeKind.BACKEND_INTERNAL,
  displayName: "Backend internal",
  capabilities,
  workerCount: 1,
  version: 1n,
});
const worker = create(WorkerInfoSchema, {
  runtimeId: "backend-internal",
  workerId: "01980000-0000-7000-8000-000000000001",
  workspaceId: "01980000-0000-7000-8000-0000000000a1",
  displayName: "Companion",
  displayRef: "companion@backend-internal",
  state: WorkerState.READY,
  capabilities,
  answerSource: AnswerSource.MODEL,
  providerId: "openai",
  model: "gpt-5-mini",
  version: 1n,
  updatedAt: timestampNow(),
});
const logs: ConversationLog[] = [];
const jobs: Job[] = [];
const lists = new Set<(kind: "workers" | "jobs" | "conversations", changed: unknown) => void>();
const watches = new Map<string, { add: (subject: Subject) => void; remove: (id: string) => void }>();
const cancelled = new Set<string>();
const sent = new Map<string, string>();

const changed = (kind: "workers" | "jobs" | "conversations", value: object) => {
  for (const tell of lists) {
    tell(kind, { ...value });
  }
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const reasoned = (code: Code, reason: string, message: string, metadata: Record<string, string> = {}) =>
  new ConnectError(message, code, undefined, [{ desc: ErrorInfoSchema, value: { reason, domain: "banto.v1", metadata } }]);

function logOf(conversationId: string): ConversationLog {
  const log = logs.find(({ conversation }) => conversation.conversationId === conversationId);
  if (log === undefined) {
    throw reasoned(Code.NotFound, "CONVERSATION_NOT_FOUND", "there is no such conversation");
  }
  return log;
}

function authorise(context: HandlerContext): void {
  const token = context.requestHeader.get("authorization");
  if (token === null || token.endsWith(" bad")) {
    throw reasoned(Code.Unauthenticated, "UNAUTHENTICATED", "no token, or one that is not known");
  }
}

async function answer(log: ConversationLog, turn: Turn, text: string): Promise<void> {
  const reply = log.items.find((item) => item.messageId === turn.assistantMessageId);
  if (reply === undefined) {
    return;
  }
  const job = jobs[0];
  const finish = (state: RunState) => {
    log.end(turn, reply, state);
    if (job) {
      Object.assign(job, { state, endedAt: timestampNow(), version: job.version + 1n, usage: turn.usage, attempts: turn.attempts, failure: turn.failure });
      changed("jobs", job);
    }
    Object.assign(worker, { state: WorkerState.READY, activeTurnIds: [], version: worker.version + 1n });
    changed("workers", worker);
    changed("conversations", log.conversation);
  };
  if (text.includes("retry")) {
    const attempt = {
      number: 1,
      startedAt: timestampNow(),
      endedAt: timestampNow(),
      failure: { kind: FailureKind.RATE_LIMITED, retryable: true, message: "The provider answered 429 Too Many Requests." },
      retryAfter: { seconds: 4n, nanos: 0 },
    };
    turn.attempts.push(...create(JobSchema, { attempts: [attempt] }).attempts);
    log.event({ case: "turnRetried", value: { turnId: turn.turnId, attempt } });
    await pause(4_000);
  }
  const source = worker.answerSource === AnswerSource.GUIDE ? guideText : modelText;
  await pause(500);
  for (const piece of source.match(/[\s\S]{1,7}/gu) ?? []) {
    if (cancelled.has(turn.turnId)) {
      finish(RunState.CANCELLED);
      return;
    }
    log.write(reply, piece);
    if (text.includes("fail") && reply.text.length > 200) {
      turn.failure = create(WorkerInfoSchema, {
        lastError: { kind: FailureKind.NETWORK, retryable: true, message: "The connection to api.openai.com was cut before the answer was whole." },
      }).lastError;
      worker.lastError = turn.failure;
      finish(RunState.PROVIDER_FAILED);
      return;
    }
    await pause(text.includes("slow") ? 60 : 12);
  }
  if (worker.answerSource === AnswerSource.GUIDE) {
    reply.citations = create(JobSchema, {}).prompts as never;
    reply.citations.push(
      { document: "models.md", heading: "Connecting a model", anchor: "connecting-a-model" } as never,
      { document: "privacy.md", heading: "What is sent", anchor: "what-is-sent" } as never,
    );
  } else {
    turn.usage = create(JobSchema, {
      usage: { inputTokens: 1204n, outputTokens: 356n, ...(text.includes("price") ? {} : { costNanoUsd: 1_013_000n }) },
    }).usage;
  }
  finish(RunState.COMPLETED);
}

function begin(log: ConversationLog, userMessageId: string, text: string, turnId = randomUUID()): Turn {
  if (text.includes("guide")) {
    Object.assign(worker, { answerSource: AnswerSource.GUIDE, model: "", providerId: "" });
  }
  const guided = worker.answerSource === AnswerSource.GUIDE;
  const turn = log.start(turnId, userMessageId, {
    jobId: randomUUID(),
    answerSource: worker.answerSource,
    providerId: worker.providerId,
    model: worker.model,
  });
  jobs.unshift(
    create(JobSchema, {
      jobId: `0199${Date.now().toString(16)}-${turn.jobId.slice(9)}`,
      jobType: JobType.COMPANION_TURN,
      state: RunState.RUNNING,
      conversationId: log.conversation.conversationId,
      turnId: turn.turnId,
      providerId: guided ? "" : worker.providerId,
      model: worker.model,
      createdAt: timestampNow(),
      startedAt: timestampNow(),
      attempts: [{ number: 1, startedAt: timestampNow() }],
      prompts: [{ name: "companion/system", version: 3, digest: "ab".repeat(32) }],
      version: 1n,
    }),
  );
  Object.assign(worker, { state: WorkerState.BUSY, activeTurnIds: [turn.turnId], version: worker.version + 1n });
  changed("workers", worker);
  changed("jobs", jobs[0] ?? {});
  changed("conversations", log.conversation);
  void answer(log, turn, text);
  return turn;
}

function subscribe(subject: Subject, send: Send): () => void {
  const { subjectId } = subject;
  const update = (kind: object) => send({ kind: { case: "update", value: { subjectId, kind: kind as never } } });
  const name = subject.subject.case;
  if (subject.subject.case === "conversation") {
    const { conversationId, afterSequence, epoch } = subject.subject.value;
    const log = logs.find(({ conversation }) => conversation.conversationId === conversationId);
    if (log === undefined) {
      update({ case: "failed", value: { code: 5, reason: "CONVERSATION_NOT_FOUND", message: "there is no such conversation" } });
      return () => undefined;
    }
    for (const value of log.snapshot(afterSequence, epoch)) {
      update({ case: "conversation", value });
    }
    const watcher = (value: object) => update({ case: "conversation", value });
    log.watchers.add(watcher);
    return () => log.watchers.delete(watcher);
  }
  const leave = subscribeWork(subject, update) ?? subscribePlans(subject, update);
  if (leave !== undefined) {
    return leave;
  }
  const snapshots = {
    runtimes: { runtimes: [runtime] },
    workers: { workers: [{ ...worker }] },
    jobs: { jobs: jobs.slice(0, 100) },
    conversations: { conversations: logs.map((log) => log.conversation).filter((conversation) => !conversation.archivedAt) },
  };
  if (name !== undefined && name in snapshots) {
    update({ case: name, value: { kind: { case: "snapshot", value: snapshots[name as keyof typeof snapshots] } } });
  }
  const tell = (kind: string, value: unknown) => {
    if (kind === name) {
      update({ case: name, value: { kind: typeof value === "object" && value !== null && "deleted" in value ? { case: "deletedConversationId", value: value.deleted } : { case: "upserted", value } } });
    }
  };
  lists.add(tell);
  return () => lists.delete(tell);
}

function setWorker(fields: Partial<typeof worker>) {
  Object.assign(worker, fields, { version: worker.version + 1n, updatedAt: timestampNow() });
  changed("workers", worker);
  return { worker: { ...worker } };
}

for (const title of ["Why the build is slow", "番頭とは何か", "Notes on gRPC-Web and a title that does not fit into its row"]) {
  logs.push(new ConversationLog(worker.workerId, title));
}
for (const log of logs.slice(0, 1)) {
  olderMessages(log, 240);
}

export function fakeRoutes(router: ConnectRouter): void {
  fakeSettings(router);
  fakeAudit(router);
  fakeWork(router, {
    begin: (job) => changed("jobs", jobs[jobs.unshift(job) - jobs.length] ?? job),
    change: (job) => changed("jobs", job),
  });
  router.service(RuntimeRegistry, {
    listRuntimes: (_, context) => {
      authorise(context);
      return { runtimes: [runtime] };
    },
  });
  router.service(Worker, {
    stopWorker: () => setWorker({ state: WorkerState.STOPPED, cause: "Stopped by a person." }),
    restartWorker: () => setWorker({ state: WorkerState.READY, cause: "" }),
  });
  router.service(Jobs, {
    listJobs: (request) => ({
      jobs: jobs.filter(
        ({ state, taskId, planId }) => (request.state === 0 || state === request.state) && (request.taskId === "" || taskId === request.taskId) && (request.planId === "" || planId === request.planId),
      ),
    }),
    getJob: ({ jobId }) => {
      const job = jobs.find((candidate) => candidate.jobId === jobId);
      if (!job) {
        throw reasoned(Code.NotFound, "JOB_NOT_FOUND", "there is no such job");
      }
      return {
        job,
        prompt: [
          { role: "system", text: "You are the Companion of the workspace “default”.\nAnswer briefly.", digest: "ab".repeat(32) },
          { role: "user", text: "Why is the build slow?", digest: "cd".repeat(32) },
        ],
        response: improved.get(jobId) ?? modelText,
      };
    },
    cancelJob: ({ jobId }) => {
      const job = jobs.find((candidate) => candidate.jobId === jobId);
      cancelled.add(job?.turnId || jobId);
      stopped.add(jobId);
      return { job: job ?? {}, cancelled: true };
    },
  });
  router.service(Feed, {
    async *watch(request, context) {
      authorise(context);
      const queue: MessageInitShape<typeof WatchResponseSchema>[] = [];
      let wake: () => void = () => undefined;
      const send: Send = (response) => {
        queue.push(response);
        wake();
      };
      const watchId = randomUUID();
      const open = new Map<string, () => void>();
      const add = (subject: Subject) => {
        open.get(subject.subjectId)?.();
        open.set(subject.subjectId, subscribe(subject, send));
      };
      const remove = (id: string) => {
        open.get(id)?.();
        open.delete(id);
      };
      watches.set(watchId, { add, remove });
      send({ kind: { case: "started", value: { watchId, serverBuild: "fake", heartbeatInterval: { seconds: 15n } } } });
      request.subjects.forEach(add);
      const beat = setInterval(() => send({ kind: { case: "heartbeat", value: {} } }), 15_000);
      context.signal.addEventListener("abort", () => wake());
      try {
        while (!context.signal.aborted) {
          const next = queue.shift();
          if (next) {
            yield next;
          } else {
            await new Promise<void>((resolve) => (wake = resolve));
          }
        }
      } finally {
        clearInterval(beat);
        [...open.keys()].forEach(remove);
        watches.delete(watchId);
      }
    },
    updateWatch(request) {
      const watch = watches.get(request.watchId);
      if (!watch) {
        throw reasoned(Code.NotFound, "WATCH_NOT_FOUND", "the stream is gone");
      }
      request.removeSubjectIds.forEach(watch.remove);
      request.add.forEach(watch.add);
      return {};
    },
  });
  router.service(CompanionConversation, {
    createConversation: (request) => {
      const log = new ConversationLog(worker.workerId, request.title);
      logs.unshift(log);
      changed("conversations", log.conversation);
      return { conversation: log.conversation };
    },
    listConversations: ({ archived, titleContains }) => ({
      conversations: logs
        .map((log) => log.conversation)
        .filter((conversation) => (conversation.archivedAt !== undefined) === archived && conversation.title.includes(titleContains)),
    }),
    updateConversation: ({ conversationId, title, archived, settings }) => {
      const { conversation } = logOf(conversationId);
      conversation.settings = settings ?? conversation.settings;
      conversation.version += 1n;
      conversation.title = title ?? conversation.title;
      if (archived === true) {
        conversation.archivedAt = timestampNow();
      } else if (archived === false) {
        delete conversation.archivedAt;
      }
      changed("conversations", conversation);
      logOf(conversationId).event({ case: "changed", value: { conversation: { ...conversation } } });
      return { conversation };
    },
    deleteConversation: ({ conversationId }) => {
      const log = logOf(conversationId);
      logs.splice(logs.indexOf(log), 1);
      log.emit({ case: "deleted", value: {} });
      changed("conversations", { deleted: conversationId });
      return {};
    },
    forkConversation: ({ conversationId, beforeMessageId }) => {
      const original = logOf(conversationId);
      const log = new ConversationLog(worker.workerId, original.conversation.title);
      log.conversation.forkedFromConversationId = conversationId;
      for (const item of original.items.slice(0, original.items.findIndex(({ messageId }) => messageId === beforeMessageId))) {
        log.items.push({ ...item });
        log.conversation.headSequence = item.sequence;
      }
      logs.unshift(log);
      changed("conversations", log.conversation);
      return { conversation: log.conversation };
    },
    getTranscript: async ({ conversationId, beforeSequence }) => {
      await pause(150);
      const log = logOf(conversationId);
      const before = log.items.filter(({ sequence }) => beforeSequence === 0n || sequence < beforeSequence);
      return { items: before.slice(-100), turns: [], hasEarlier: before.length > 100, conversation: log.conversation };
    },
    searchMessages: ({ query }) => ({
      hits: logs
        .flatMap((log) =>
          log.items
            .filter(({ text }) => query.split(/\s+/).every((term) => text.toLowerCase().includes(term.toLowerCase())))
            .map((item) => ({
              conversationId: log.conversation.conversationId,
              conversationTitle: log.conversation.title,
              item,
              snippet: item.text.slice(0, 160),
            })),
        )
        .slice(-20),
    }),
    sendMessage: ({ conversationId, clientMessageId, text }) => {
      const log = logOf(conversationId);
      if (worker.state === WorkerState.STOPPED) {
        throw reasoned(Code.Unavailable, "COMPANION_UNAVAILABLE", "the Companion is stopped", { cause: worker.cause });
      }
      if (log.conversation.activeTurnId !== "") {
        throw reasoned(Code.FailedPrecondition, "TURN_IN_PROGRESS", "a turn runs", { active_turn_id: log.conversation.activeTurnId });
      }
      if (sent.has(clientMessageId)) {
        return { conversation: log.conversation, replayed: true };
      }
      if (log.conversation.title === "") {
        log.conversation.title = text.slice(0, 60);
      }
      const turnId = randomUUID();
      const item = log.add(MessageRole.USER, text, turnId, RunState.COMPLETED);
      sent.set(clientMessageId, item.messageId);
      log.event({ case: "messageAdded", value: { item: { ...item } } });
      return { conversation: log.conversation, message: item, turn: begin(log, item.messageId, text, turnId) };
    },
    regenerateTurn: ({ turnId }) => {
      const log = logs.find(({ turns }) => turns.some((turn) => turn.turnId === turnId));
      const turn = log?.turns.find((candidate) => candidate.turnId === turnId);
      return log && turn ? { turn: begin(log, turn.userMessageId, "") } : {};
    },
    cancelTurn: ({ turnId }) => {
      cancelled.add(turnId);
      return { outcome: CancelOutcome.CANCELLED };
    },
  });
}
