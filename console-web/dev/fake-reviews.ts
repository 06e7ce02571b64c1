import { createHash, randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter, type ServiceImpl } from "@connectrpc/connect";
import { type AuditEntry, AuditEntrySchema, AuditLog } from "../src/gen/banto/v1/audit_log_pb";
import { RunState } from "../src/gen/banto/v1/common_pb";
import { JobType } from "../src/gen/banto/v1/jobs_pb";
import { CommentState, DiffLineKind, ExportFormat, FindingSeverity, OutcomeState, type PlanComment, PlanCommentSchema, PlanReview, type Plans, RevisionAuthor } from "../src/gen/banto/v1/plans_pb";
import { type Template, TemplateSchema } from "../src/gen/banto/v1/settings_pb";
import { check, sha256, structureOf } from "./fake-plan-texts";
import { type Begin, type KeptPlan, keptPlan, keptPlans, placeless, tell } from "./fake-plans";
import { reasoned } from "./fake-workspace";

export const templates: Template[] = [create(TemplateSchema, { templateId: randomUUID(), name: "Ticket", text: "## {{title}}\n\n{{plan}}\n\nFiles: {{files}}\n", version: 1n, updatedAt: timestampNow() })];
const entries: AuditEntry[] = [];

/** Adds what was done to the log. */
export function record(action: string, subject: string, detail: object = {}): void {
  const previousHash = entries.at(-1)?.hash ?? "0".repeat(64);
  const detailJson = JSON.stringify(detail);
  const sequence = BigInt(entries.length + 1);
  const hash = createHash("sha256").update(`${sequence}${action}${subject}${detailJson}${previousHash}`).digest("hex");
  entries.push(create(AuditEntrySchema, { sequence, occurredAt: timestampNow(), actor: "Console on Linux", action, subject, detailJson, previousHash, hash, seal: hash.split("").toReversed().join(""), keyId: "aabbccddeeff0011" }));
}

/** A comment with its place in the newest text, as the server would find it. */
function placed(owner: KeptPlan, comment: PlanComment): PlanComment {
  const text = owner.texts.get(owner.plan.headRevisionId) ?? "";
  const bytes = (part: string) => BigInt(Buffer.byteLength(part));
  delete comment.place;
  if (comment.anchor) {
    const at = text.indexOf(comment.anchor.quote);
    if (at >= 0) {
      const start = bytes(text.slice(0, at));
      comment.place = { ...comment.anchor, start, end: start + bytes(comment.anchor.quote) };
    }
  } else {
    const step = structureOf(text).steps.find(({ number }) => number === comment.step);
    if (step) {
      comment.place = create(PlanCommentSchema, { place: { start: bytes(text.slice(0, step.from)), end: bytes(text.slice(0, step.to)) } }).place as never;
    }
  }
  comment.change += 1n;
  return comment;
}

export function reviewRoutes(begin: Begin): Partial<ServiceImpl<typeof Plans>> {
  return {
    getPlan: ({ planId }) => {
      const owner = keptPlan(planId);
      const { plan, comments, revisions, texts } = owner;
      const revision = revisions.find(({ revisionId }) => revisionId === (plan.headRevisionId || plan.activeRevisionId));
      // Where a comment stands is looked for when it is sent; that is no change of it.
      const sent = comments.map((comment) => ({ ...placed(owner, { ...comment }), change: comment.change }));
      return { plan, comments: sent, ...(revision && { revision, text: texts.get(revision.revisionId) ?? "" }) };
    },
    addComment: async ({ planId, revisionId, step, anchor, text }) => {
      const owner = keptPlan(planId);
      const on = revisionId || owner.plan.headRevisionId;
      const source = Buffer.from(owner.texts.get(on) ?? "");
      const quote = anchor ? source.subarray(Number(anchor.start), Number(anchor.end)).toString() : "";
      const comment = placed(owner, create(PlanCommentSchema, { commentId: `0199${Date.now().toString(16)}-${randomUUID().slice(9)}`, planId, revisionId: on, step, ...(anchor && { anchor: { start: anchor.start, end: anchor.end, quote } }), text, by: "Console on Linux", state: CommentState.OPEN, createdAt: timestampNow() }));
      owner.comments.push(comment);
      tell(owner, {}, { commentChanged: { comment: placeless(comment) } });
      return { comment };
    },
    resolveComment: ({ commentId, resolved }) => {
      const owner = keptPlans.find(({ comments }) => comments.some((comment) => comment.commentId === commentId));
      const comment = owner?.comments.find((candidate) => candidate.commentId === commentId);
      if (!owner || !comment) {
        throw reasoned(Code.NotFound, "COMMENT_NOT_FOUND", "there is no such comment");
      }
      Object.assign(comment, { state: resolved ? CommentState.RESOLVED : CommentState.OPEN, resolvedBy: resolved ? "Console on Linux" : "", change: comment.change + 1n });
      tell(owner, {}, { commentChanged: { comment: placeless(comment) } });
      return { comment };
    },
    requestChanges: ({ planId, commentIds, instructions }) => {
      const owner = keptPlan(planId);
      const asked = owner.comments.filter(({ commentId, state }) => (commentIds.length === 0 ? state === CommentState.OPEN : commentIds.includes(commentId)));
      const text = (owner.texts.get(owner.plan.headRevisionId) ?? "").replace("feed/subject.ts", "feed/subjects.ts").replace("Ask for missing events", "Ask for the events that are missing").replace(/<implementation_plan>(?!\s*<agent)[\s\S]*?(<steps>|$)/, "<implementation_plan>\n  $1") + (instructions.includes("cut") ? "<" : "");
      const whole = text.includes("</implementation_plan>") ? text : `${text}</implementation_plan>\n`;
      const revision = begin(owner, RevisionAuthor.CHANGES, whole, JobType.IMPLEMENTATION_PLAN);
      const wait = setInterval(() => {
        if (owner.plan.activeRevisionId === "") {
          clearInterval(wait);
          (revision.state === RunState.COMPLETED ? asked : []).forEach((comment, index) => {
            Object.assign(comment, { state: index % 2 === 0 ? CommentState.ADDRESSED : CommentState.NOT_ADDRESSED, answer: index % 2 === 0 ? "Done: the path is that of the file." : "Left as it is: the server needs it so.", answeredInRevisionId: revision.revisionId });
            tell(owner, {}, { commentChanged: { comment: placeless(placed(owner, comment)) } });
          });
        }
      }, 100);
      return { plan: owner.plan, revision };
    },
    approvePlan: ({ planId, revisionId, contentHash, note, acceptedErrors }) => {
      const owner = keptPlan(planId);
      const text = owner.texts.get(owner.plan.headRevisionId) ?? "";
      if (revisionId !== owner.plan.headRevisionId || contentHash !== sha256(text)) {
        throw reasoned(Code.Aborted, "VERSION_CONFLICT", "it is not the newest");
      }
      const errors = check(text).filter(({ severity }) => severity === FindingSeverity.ERROR).length;
      if (errors !== acceptedErrors) {
        throw reasoned(Code.FailedPrecondition, "PLAN_NOT_SOUND", `the check finds ${errors} errors`);
      }
      record("plan.approve", planId, { revision_id: revisionId, content_hash: contentHash, accepted_errors: acceptedErrors });
      return { plan: tell(owner, { review: PlanReview.APPROVED, decision: { $typeName: "banto.v1.PlanDecision", review: PlanReview.APPROVED, revisionId, contentHash, by: "Console on Linux", note, acceptedErrors, at: timestampNow() } }, { changed: {} }) };
    },
    rejectPlan: ({ planId, revisionId, note }) => {
      const owner = keptPlan(planId);
      record("plan.reject", planId, { revision_id: revisionId });
      return { plan: tell(owner, { review: PlanReview.REJECTED, decision: { $typeName: "banto.v1.PlanDecision", review: PlanReview.REJECTED, revisionId, contentHash: "", by: "Console on Linux", note, acceptedErrors: 0, at: timestampNow() } }, { changed: {} }) };
    },
    exportPlan: ({ planId, revisionId, format, templateId, step }) => {
      const { plan, texts } = keptPlan(planId);
      const id = revisionId || plan.headRevisionId;
      const text = texts.get(id) ?? "";
      const agent = { [ExportFormat.CLAUDE_CODE]: "claude -p", [ExportFormat.CODEX]: "codex exec", [ExportFormat.CURSOR]: "cursor-agent -p", [ExportFormat.GEMINI_CLI]: "gemini -p", [ExportFormat.AIDER]: "aider --message-file" }[format as number];
      const markdown = structureOf(text).steps.filter(({ number }) => step === 0 || number === step).map(({ number, title, description }) => `## ${number}. ${title}\n\n${description}\n`).join("\n");
      const template = templates.find((candidate) => candidate.templateId === templateId);
      record("plan.export", planId, { format });
      return {
        text: template ? template.text.replace("{{plan}}", markdown).replace("{{title}}", plan.title) : format === ExportFormat.XML || format === 0 ? text : markdown,
        fileName: format === ExportFormat.XML ? "plan.xml" : "plan.md",
        mediaType: format === ExportFormat.XML ? "application/xml" : "text/markdown",
        commandLine: agent === undefined ? "" : `${agent} "$(cat plan.md)"`,
        revisionId: id,
        contentHash: sha256(text),
        approved: plan.review === PlanReview.APPROVED && plan.decision?.revisionId === id,
      };
    },
    verifyOutcome: ({ planId, revisionId }) => {
      const { plan, texts } = keptPlan(planId);
      const id = revisionId || plan.headRevisionId;
      const states = [OutcomeState.DONE, OutcomeState.PARTLY, OutcomeState.MISSING];
      const steps = structureOf(texts.get(id) ?? "").steps.map(({ number, title, operations }, index) => ({
        number,
        title,
        state: states[index % 3] ?? OutcomeState.DONE,
        operations: operations.map(({ type, path }, at) => ({ type, path, state: states[(index + at) % 3] ?? OutcomeState.DONE, why: (index + at) % 3 === 0 ? "the file changed as the plan says" : "of its symbols only some were touched" })),
      }));
      const hunk = { oldLine: 10, newLine: 10, lines: [{ kind: DiffLineKind.SAME, text: "const view = entry.view;\n" }, { kind: DiffLineKind.REMOVED, text: "return undefined;\n" }, { kind: DiffLineKind.ADDED, text: "return view.sequence;\n" }] };
      return {
        revisionId: id,
        steps,
        changes: [
          { path: "console-web/src/feed/feed-client.ts", kind: "modified", addedLines: 1, removedLines: 1, hunks: [hunk] },
          { path: "console-web/src/feed/cursor.ts", kind: "added", addedLines: 1, hunks: [{ ...hunk, lines: hunk.lines.slice(2) }] },
          { path: "README.md", kind: "modified", addedLines: 3, hunks: [hunk], truncated: true },
        ],
        unplannedPaths: ["README.md"],
        state: OutcomeState.PARTLY,
      };
    },
  };
}

const headOf = () => ({ sequence: BigInt(entries.length), hash: entries.at(-1)?.hash ?? "", seal: entries.at(-1)?.seal ?? "" });

export function fakeAudit(router: ConnectRouter): void {
  router.service(AuditLog, {
    listEntries: ({ subject, actionPrefix, pageSize, pageToken }) => {
      const found = entries.toReversed().filter((entry) => (subject === "" || entry.subject === subject) && entry.action.startsWith(actionPrefix));
      const from = Number(pageToken || 0);
      const size = pageSize || 50;
      return { entries: found.slice(from, from + size), nextPageToken: from + size < found.length ? String(from + size) : "", head: headOf() };
    },
    verifyChain: ({ head }) => ({ intact: head === undefined || entries[Number(head.sequence) - 1]?.hash === head.hash, fault: head === undefined || entries[Number(head.sequence) - 1]?.hash === head.hash ? 0 : 6, faultSequence: head?.sequence ?? 0n, checked: BigInt(entries.length), head: headOf() }),
    async *exportEntries() {
      for (const entry of entries) {
        yield { entry, jsonLine: JSON.stringify({ sequence: String(entry.sequence), action: entry.action, hash: entry.hash }) };
      }
    },
  });
}
