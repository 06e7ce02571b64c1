import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter, type ServiceImpl } from "@connectrpc/connect";
import { FailureKind, RunState } from "../src/gen/banto/v1/common_pb";
import type { Subject } from "../src/gen/banto/v1/feed_pb";
import { type Job, JobSchema, JobType } from "../src/gen/banto/v1/jobs_pb";
import { CommentState, FindingSeverity, MaterialShare, type Plan, type PlanComment, PlanOrigin, PlanReview, type PlanRevision, PlanRevisionSchema, PlanSchema, type PlanUpdate, PlanUpdateSchema, Plans, RevisionAuthor } from "../src/gen/banto/v1/plans_pb";
import type { Work } from "./fake-finder";
import { check, diff, operationsOf, planText, sha256, structureOf } from "./fake-plan-texts";
import { reasoned, workspaces } from "./fake-workspace";

/** A plan with its texts, its log and who watches. */
export interface KeptPlan {
  readonly plan: Plan;
  readonly revisions: PlanRevision[];
  readonly texts: Map<string, string>;
  readonly comments: PlanComment[];
  readonly events: PlanUpdate[];
  readonly watchers: Set<(update: PlanUpdate) => void>;
}

const kept: KeptPlan[] = [];
const requests = new Map<string, KeptPlan>();
const lists = new Set<(plan: Plan) => void>();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const newId = () => `0199${Date.now().toString(16)}-${randomUUID().slice(9)}`;
let stoppedJobs: ReadonlySet<string> = new Set();
let allowed = false;

export function keptPlan(planId: string): KeptPlan {
  const found = kept.find(({ plan }) => plan.planId === planId);
  if (found === undefined) {
    throw reasoned(Code.NotFound, "PLAN_NOT_FOUND", "there is no such plan");
  }
  return found;
}

export const keptPlans: readonly KeptPlan[] = kept;

export function revisionOf(revisionId: string): { owner: KeptPlan; revision: PlanRevision; text: string } {
  for (const owner of kept) {
    const revision = owner.revisions.find((candidate) => candidate.revisionId === revisionId);
    if (revision) {
      return { owner, revision, text: owner.texts.get(revisionId) ?? "" };
    }
  }
  throw reasoned(Code.NotFound, "REVISION_NOT_FOUND", "there is no such revision");
}

/** As the stream tells of a comment: without its place. */
export function placeless(comment: PlanComment): PlanComment {
  const { place: _, ...told } = comment;
  return told;
}

/** Changes a plan and tells everybody, with an event where there is one. */
export function tell(owner: KeptPlan, fields: Partial<Plan>, kind?: object): Plan {
  Object.assign(owner.plan, fields, { change: owner.plan.change + 1n, updatedAt: timestampNow(), openCommentCount: owner.comments.filter(({ state }) => state !== CommentState.RESOLVED).length });
  const plan = { ...owner.plan };
  if (kind !== undefined) {
    owner.plan.headSequence += 1n;
    const [[name, value]] = Object.entries(kind) as [[string, object]];
    const update = create(PlanUpdateSchema, { kind: { case: "event", value: { sequence: owner.plan.headSequence, occurredAt: timestampNow(), kind: { case: name, value: { ...value, plan: { ...owner.plan } } } as never } } });
    owner.events.push(update);
    owner.watchers.forEach((watcher) => watcher(update));
  }
  lists.forEach((listener) => listener(plan));
  return plan;
}

export function newRevision(owner: KeptPlan, author: RevisionAuthor, fields: Partial<PlanRevision> = {}): PlanRevision {
  const revision = create(PlanRevisionSchema, {
    revisionId: newId(),
    planId: owner.plan.planId,
    number: BigInt(owner.revisions.length + 1),
    parentRevisionId: owner.plan.headRevisionId,
    author,
    by: "Console on Linux",
    state: RunState.RUNNING,
    createdAt: timestampNow(),
    ...fields,
  } as never);
  owner.revisions.unshift(revision);
  return revision;
}

/** A text is over: what is known of it, and of the plan with it as its newest. */
export function endRevision(owner: KeptPlan, revision: PlanRevision, state: RunState, fields: Partial<Plan> = {}): void {
  const text = owner.texts.get(revision.revisionId) ?? "";
  const document = structureOf(text);
  const findings = check(text);
  const counts = {
    stepCount: document.steps.length,
    operationCount: operationsOf(document),
    errorCount: findings.filter(({ severity }) => severity === FindingSeverity.ERROR).length,
    warningCount: findings.filter(({ severity }) => severity === FindingSeverity.WARNING).length,
  };
  Object.assign(revision, counts, { state, contentHash: sha256(text), sizeBytes: BigInt(Buffer.byteLength(text)), endedAt: timestampNow() });
  if (state !== RunState.COMPLETED && owner.plan.headRevisionId !== "") {
    tell(owner, { state, activeRevisionId: "", activeJobId: "", ...fields }, { revisionEnded: { revision: { ...revision } } });
    return;
  }
  const decided = owner.plan.decision?.revisionId === revision.revisionId;
  tell(
    owner,
    { ...counts, state: revision.author === RevisionAuthor.PERSON || revision.author === RevisionAuthor.RESTORE ? owner.plan.state : state, activeRevisionId: "", activeJobId: "", headRevisionId: revision.revisionId, version: revision.number, review: decided ? owner.plan.review : PlanReview.OPEN, ...fields },
    { revisionEnded: { revision: { ...revision } } },
  );
}

/** Writes a text piece by piece, as a model would. */
export async function write(owner: KeptPlan, revision: PlanRevision, source: string, job: Job, work: Work): Promise<void> {
  let text = "";
  const wish = owner.plan.instructions;
  const ms = wish.includes("slow") ? 40 : 6;
  await pause(300);
  for (const piece of source.match(/[\s\S]{1,23}/gu) ?? []) {
    const stop = stoppedJobs.has(job.jobId);
    if (stop || (wish.includes("fail") && text.length > 900)) {
      const failure = stop ? undefined : { kind: FailureKind.NETWORK, retryable: true, message: "the connection was cut before the answer was whole" };
      Object.assign(revision, failure && { failure: create(JobSchema, { failure }).failure });
      Object.assign(job, { state: stop ? RunState.CANCELLED : RunState.PROVIDER_FAILED, endedAt: timestampNow(), version: job.version + 1n });
      work.change(job);
      endRevision(owner, revision, job.state, revision.failure ? { failure: revision.failure } : {});
      return;
    }
    const delta = create(PlanUpdateSchema, { kind: { case: "delta", value: { blockId: revision.revisionId, offset: BigInt(Buffer.byteLength(text)), text: piece } } });
    text += piece;
    owner.texts.set(revision.revisionId, text);
    owner.watchers.forEach((watcher) => watcher(delta));
    await pause(ms);
  }
  const usage = create(JobSchema, { usage: { inputTokens: 18_204n, outputTokens: 2_356n, costNanoUsd: 9_263_000n } }).usage;
  Object.assign(job, { state: RunState.COMPLETED, endedAt: timestampNow(), usage, version: job.version + 1n });
  Object.assign(revision, { usage });
  work.change(job);
  endRevision(owner, revision, RunState.COMPLETED, usage ? { usage } : {});
}

export function beginJob(owner: KeptPlan, jobType: JobType, work: Work): Job {
  const job = create(JobSchema, { jobId: newId(), jobType, state: RunState.RUNNING, taskId: owner.plan.taskId, planId: owner.plan.planId, providerId: "openai", model: "gpt-5-mini", createdAt: timestampNow(), startedAt: timestampNow(), version: 1n });
  work.begin(job);
  return job;
}

function make(taskId: string, title: string, origin: PlanOrigin, fields: Partial<Plan> = {}): KeptPlan {
  const plan = create(PlanSchema, { planId: newId(), workspaceId: workspaces[0]?.workspaceId ?? "", taskId, title, origin, state: RunState.RUNNING, review: PlanReview.OPEN, epoch: "e1", change: 1n, createdAt: timestampNow(), updatedAt: timestampNow(), ...(origin !== PlanOrigin.BRIEF && { providerId: "openai", model: "gpt-5-mini" }), ...fields } as never);
  const owner: KeptPlan = { plan, revisions: [], texts: new Map(), comments: [], events: [], watchers: new Set() };
  kept.unshift(owner);
  return owner;
}

/** A plan that is there from the beginning. */
export function seedPlan(taskId: string, title: string, origin: PlanOrigin, text: string, author: RevisionAuthor = RevisionAuthor.MODEL): KeptPlan {
  const owner = make(taskId, title, origin);
  const revision = newRevision(owner, author);
  owner.texts.set(revision.revisionId, text);
  const usage = create(JobSchema, { usage: { inputTokens: 18_204n, outputTokens: 2_356n, costNanoUsd: 9_263_000n } }).usage;
  endRevision(owner, revision, RunState.COMPLETED, origin === PlanOrigin.BRIEF || usage === undefined ? {} : { usage });
  return owner;
}

/** `update` takes the kind of a SubjectUpdate. Undefined: it is no subject of these. */
export function subscribePlans({ subject }: Subject, update: (kind: object) => void): (() => void) | undefined {
  if (subject.case === "plans") {
    const { taskId } = subject.value;
    update({ case: "plans", value: { kind: { case: "snapshot", value: { plans: kept.map(({ plan }) => ({ ...plan })).filter((plan) => plan.taskId === taskId) } } } });
    const listener = (plan: Plan) => plan.taskId === taskId && update({ case: "plans", value: { kind: { case: "upserted", value: plan } } });
    lists.add(listener);
    return () => lists.delete(listener);
  }
  if (subject.case !== "plan") {
    return undefined;
  }
  const { planId, afterSequence, epoch } = subject.value;
  const owner = kept.find(({ plan }) => plan.planId === planId);
  if (owner === undefined) {
    update({ case: "failed", value: { code: 5, reason: "PLAN_NOT_FOUND", message: "there is no such plan" } });
    return () => undefined;
  }
  const send = (value: PlanUpdate) => update({ case: "plan", value });
  const active = owner.revisions.find(({ revisionId }) => revisionId === owner.plan.activeRevisionId);
  const text = active ? (owner.texts.get(active.revisionId) ?? "") : "";
  if (epoch === "e1" && afterSequence > 0n) {
    send(create(PlanUpdateSchema, { kind: { case: "snapshot", value: { plan: { ...owner.plan }, resumed: true } } }));
    owner.events.slice(Number(afterSequence)).forEach(send);
    if (active) {
      send(create(PlanUpdateSchema, { kind: { case: "delta", value: { blockId: active.revisionId, offset: 0n, text } } }));
    }
  } else {
    send(create(PlanUpdateSchema, { kind: { case: "snapshot", value: { plan: { ...owner.plan }, ...(active && { activeRevision: { ...active }, activeText: text }), revisions: owner.revisions.slice(0, 50).map((revision) => ({ ...revision })), comments: owner.comments.map(placeless) } } }));
  }
  owner.watchers.add(send);
  return () => owner.watchers.delete(send);
}

/** Begins to write the next text of a plan. */
export type Begin = (owner: KeptPlan, author: RevisionAuthor, source: string, type: JobType) => PlanRevision;

type PlanWork = Work & { readonly stopped: ReadonlySet<string>; readonly titleOf: (taskId: string) => string };

export function fakePlans(router: ConnectRouter, work: PlanWork, reviewRoutes: (begin: Begin) => Partial<ServiceImpl<typeof Plans>>): void {
  stoppedJobs = work.stopped;
  const begin: Begin = (owner, author, source, type) => {
    const job = beginJob(owner, type, work);
    const revision = newRevision(owner, author, { jobId: job.jobId });
    tell(owner, { activeRevisionId: revision.revisionId, activeJobId: job.jobId, state: RunState.RUNNING }, { revisionStarted: { revision: { ...revision } } });
    void write(owner, revision, source, job, work);
    return revision;
  };
  router.service(Plans, {
    estimatePlan: async ({ origin, instructions, includeTree, model }) => {
      await pause(200);
      const material = [
        { path: "console-web/src/feed/feed-client.ts", share: MaterialShare.WHOLE, tokens: 3_900n, wholeTokens: 3_900n },
        { path: "console-web/src/feed/subjects.ts", share: MaterialShare.PARTS, tokens: 600n, wholeTokens: 1_900n, why: "the budget of the window leaves room for the passages that were found", lines: [{ firstLine: 20, lastLine: 64 }] },
        { path: "docs/big.md", share: MaterialShare.PATH, wholeTokens: 90_000n, why: "it is larger than a tenth of the window" },
      ];
      if (origin === PlanOrigin.BRIEF) {
        return { origin, material };
      }
      return { origin: PlanOrigin.MODEL, providerId: "openai", model: model || "gpt-5-mini", inputTokens: BigInt(18_000 + instructions.length + (includeTree ? 4000 : 0)), outputTokens: 32_000n, windowTokens: 400_000n, ...(model === "gpt-5" ? {} : { inputNanoUsd: 4_551_000n, outputNanoUsd: 64_000_000n }), needsConsent: !allowed, material };
    },
    generatePlan: ({ taskId, origin, instructions, requestId }) => {
      const known = requests.get(requestId);
      if (known) {
        return { plan: known.plan };
      }
      if (instructions.includes("no model")) {
        throw reasoned(Code.FailedPrecondition, "MODEL_REQUIRED", "this needs a model, and none is configured");
      }
      if (origin !== PlanOrigin.BRIEF && !allowed) {
        allowed = true;
        throw reasoned(Code.FailedPrecondition, "CONSENT_REQUIRED", "nobody has allowed that", { provider_id: "openai" });
      }
      const owner = make(taskId, work.titleOf(taskId), origin || PlanOrigin.MODEL, { instructions });
      requests.set(requestId, owner);
      begin(owner, origin === PlanOrigin.BRIEF ? RevisionAuthor.FINDER : RevisionAuthor.MODEL, planText(work.titleOf(taskId), instructions.includes("long") ? 60 : 6), JobType.IMPLEMENTATION_PLAN);
      return { plan: owner.plan };
    },
    mergePlans: ({ sources, instructions }) => {
      const plans = sources.map(({ planId }) => keptPlan(planId));
      const owner = make(plans[0]?.plan.taskId ?? "", "Merged: " + (plans[0]?.plan.title ?? ""), PlanOrigin.MERGE, { instructions });
      owner.plan.mergedFrom.push(...create(PlanSchema, { mergedFrom: plans.map(({ plan }, index) => ({ label: "ABCDEFGH".charAt(index), planId: plan.planId, revisionId: plan.headRevisionId, title: plan.title })) }).mergedFrom);
      const text = planText("the merge", 3).replace("  <steps>", '  <sources>\n    <source id="A">the cursor</source>\n    <source id="B">the gap</source>\n    <conflict step="2" sources="A:2 B:1">A asks at once, B waits; A was chosen.</conflict>\n  </sources>\n  <steps>').replace('number="1"', 'number="1" sources="A:1 B:2"');
      begin(owner, RevisionAuthor.MERGE, text, JobType.IMPLEMENTATION_PLAN_MERGE);
      return { plan: owner.plan };
    },
    listPlans: ({ taskId, archived }) => ({ plans: kept.map(({ plan }) => plan).filter((plan) => (taskId === "" || plan.taskId === taskId) && (plan.archivedAt !== undefined) === archived) }),
    updatePlan: ({ planId, title, archived }) => {
      const owner = keptPlan(planId);
      if (archived === false) {
        delete owner.plan.archivedAt;
      }
      return { plan: tell(owner, { ...(title !== undefined && { title }), ...(archived === true && { archivedAt: timestampNow() }) }, { changed: {} }) };
    },
    saveRevision: async ({ planId, expectedVersion, text, message, requestId }) => {
      await pause(250);
      const owner = keptPlan(planId);
      const done = owner.revisions.find(({ jobId }) => jobId === `save ${requestId}`);
      const head = owner.texts.get(owner.plan.headRevisionId);
      if (done || head === text) {
        return { plan: owner.plan, revision: done ?? owner.revisions[0] ?? {}, findings: check(text) };
      }
      if (message.includes("conflict") && owner.plan.version === expectedVersion) {
        const other = newRevision(owner, RevisionAuthor.PERSON, { by: "Console on a phone", message: "somebody was faster" });
        owner.texts.set(other.revisionId, (head ?? "").replace("<agent_instructions>", "<agent_instructions>Somebody was here. "));
        endRevision(owner, other, RunState.COMPLETED);
      }
      if (expectedVersion !== 0n && expectedVersion !== owner.plan.version) {
        throw reasoned(Code.Aborted, "VERSION_CONFLICT", "someone else saved it", { current_version: String(owner.plan.version) });
      }
      const revision = newRevision(owner, RevisionAuthor.PERSON, { message });
      owner.texts.set(revision.revisionId, text);
      endRevision(owner, revision, RunState.COMPLETED);
      return { plan: owner.plan, revision, findings: check(text) };
    },
    listRevisions: ({ planId }) => ({ revisions: keptPlan(planId).revisions }),
    getRevision: ({ revisionId }) => {
      const { revision, text } = revisionOf(revisionId);
      return { revision, text };
    },
    diffRevisions: ({ fromRevisionId, toRevisionId }) => diff(revisionOf(fromRevisionId).text, revisionOf(toRevisionId).text),
    revertPlan: ({ planId, revisionId }) => {
      const owner = keptPlan(planId);
      const revision = newRevision(owner, RevisionAuthor.RESTORE, { restoredRevisionId: revisionId });
      owner.texts.set(revision.revisionId, owner.texts.get(revisionId) ?? "");
      endRevision(owner, revision, RunState.COMPLETED);
      return { plan: owner.plan, revision };
    },
    checkPlan: async ({ planId, revisionId, text }) => {
      await pause(150);
      const { plan, texts } = keptPlan(planId);
      const checked = text || (texts.get(revisionId || plan.headRevisionId) ?? "");
      return { findings: check(checked), stepCount: structureOf(checked).steps.length };
    },
    ...reviewRoutes(begin),
  });
}
