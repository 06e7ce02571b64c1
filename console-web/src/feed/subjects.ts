import { type MessageInitShape } from "@bufbuild/protobuf";
import { type ConversationView, reduceConversation } from "../conversation/conversation-view";
import { type ConversationsView, reduceConversations } from "../conversation/conversations-view";
import { type RuntimesView, type WorkersView, reduceRuntimes, reduceWorkers } from "../fleet/fleet-view";
import type { SubjectFailure, SubjectSchema, SubjectUpdate } from "../gen/banto/v1/feed_pb";
import { type JobsView, reduceJobs } from "../jobs/jobs-view";
import { type PlanView, reducePlan } from "../plans/plan-view";
import { type PlansView, reducePlans } from "../plans/plans-view";
import { type TaskView, type TasksView, reduceTask, reduceTasks } from "../tasks/tasks-view";
import { type WorkflowView, reduceWorkflow } from "../workflows/workflow-view";
import { type WorkspacesView, reduceWorkspaces } from "../workspaces/workspaces-view";

/** What a page may watch. */
export type Subject =
  | { readonly kind: "runtimes" }
  | { readonly kind: "workers" }
  | { readonly kind: "jobs" }
  | { readonly kind: "conversations" }
  | { readonly kind: "conversation"; readonly conversationId: string }
  | { readonly kind: "workspaces" }
  | { readonly kind: "tasks"; readonly workspaceId: string }
  | { readonly kind: "task"; readonly taskId: string }
  | { readonly kind: "workflow"; readonly workflowId: string }
  | { readonly kind: "plans"; readonly taskId: string }
  | { readonly kind: "plan"; readonly planId: string };

/** The view that each subject's updates add up to. */
export interface Views {
  readonly runtimes: RuntimesView;
  readonly workers: WorkersView;
  readonly jobs: JobsView;
  readonly conversations: ConversationsView;
  readonly conversation: ConversationView;
  readonly workspaces: WorkspacesView;
  readonly tasks: TasksView;
  readonly task: TaskView;
  readonly workflow: WorkflowView;
  readonly plans: PlansView;
  readonly plan: PlanView;
}

export type AnyView = Views[keyof Views];

/** Where a watched subject stands. */
export type Watched<View = AnyView> =
  | { readonly phase: "loading" }
  | { readonly phase: "ready"; readonly view: View }
  | { readonly phase: "failed"; readonly failure: Pick<SubjectFailure, "code" | "reason" | "message"> };

export type UpdateKind = SubjectUpdate["kind"];

export const loading: Watched<never> = { phase: "loading" };

/** The same name for the same subject, in every tab. */
export function subjectName(subject: Subject): string {
  switch (subject.kind) {
    case "conversation":
      return `conversation:${subject.conversationId}`;
    case "tasks":
      return `tasks:${subject.workspaceId}`;
    case "task":
      return `task:${subject.taskId}`;
    case "workflow":
      return `workflow:${subject.workflowId}`;
    case "plans":
      return `plans:${subject.taskId}`;
    case "plan":
      return `plan:${subject.planId}`;
    default:
      return subject.kind;
  }
}

/** The request for a subject, beginning where its view ends. */
export function subjectRequest(
  subject: Subject,
  subjectId: string,
  watched: Watched,
): MessageInitShape<typeof SubjectSchema> {
  const view = watched.phase === "ready" ? watched.view : undefined;
  switch (subject.kind) {
    case "conversation": {
      const sound = view && isConversation(view) && view.broken !== "text" ? view : undefined;
      return { subjectId, subject: { case: "conversation", value: { conversationId: subject.conversationId, ...cursor(sound) } } };
    }
    case "workflow": {
      const sound = view && isWorkflow(view) ? view : undefined;
      return { subjectId, subject: { case: "workflow", value: { workflowId: subject.workflowId, ...cursor(sound) } } };
    }
    case "tasks":
      return { subjectId, subject: { case: "tasks", value: { workspaceId: subject.workspaceId } } };
    case "task":
    case "plans":
      return { subjectId, subject: { case: subject.kind, value: { taskId: subject.taskId } } };
    case "plan": {
      const sound = view && isPlan(view) && view.broken !== "text" ? view : undefined;
      return { subjectId, subject: { case: "plan", value: { planId: subject.planId, ...cursor(sound) } } };
    }
    default:
      return { subjectId, subject: { case: subject.kind, value: {} } };
  }
}

function cursor(view: Logged | undefined): { afterSequence?: bigint; epoch?: string } {
  return view ? { afterSequence: view.sequence, epoch: view.epoch } : {};
}

/** Applies an update to where a subject stands. */
export function reduceWatched(watched: Watched, kind: UpdateKind): Watched {
  if (kind.case === "failed") {
    const { code, reason, message } = kind.value;
    return { phase: "failed", failure: { code, reason, message } };
  }
  const view = watched.phase === "ready" ? watched.view : undefined;
  const next = reduceView(view, kind);
  if (next === view) {
    return watched;
  }
  return next === undefined ? loading : { phase: "ready", view: next };
}

// A subject's updates are all of one kind, which is that of its view.
function reduceView(view: AnyView | undefined, kind: UpdateKind): AnyView | undefined {
  switch (kind.case) {
    case "runtimes":
      return reduceRuntimes(view as RuntimesView | undefined, kind.value);
    case "workers":
      return reduceWorkers(view as WorkersView | undefined, kind.value);
    case "jobs":
      return reduceJobs(view as JobsView | undefined, kind.value);
    case "conversations":
      return reduceConversations(view as ConversationsView | undefined, kind.value);
    case "conversation":
      return reduceConversation(view as ConversationView | undefined, kind.value);
    case "workspaces":
      return reduceWorkspaces(view as WorkspacesView | undefined, kind.value);
    case "tasks":
      return reduceTasks(view as TasksView | undefined, kind.value);
    case "task":
      return reduceTask(view as TaskView | undefined, kind.value);
    case "workflow":
      return reduceWorkflow(view as WorkflowView | undefined, kind.value);
    case "plans":
      return reducePlans(view as PlansView | undefined, kind.value);
    case "plan":
      return reducePlan(view as PlanView | undefined, kind.value);
    case "failed":
    case undefined:
      return view;
  }
}

/** A view with a log, and so with a cursor. */
export type Logged = ConversationView | WorkflowView | PlanView;

export function isConversation(view: AnyView): view is ConversationView {
  return "items" in view;
}

export function isWorkflow(view: AnyView): view is WorkflowView {
  return "workflow" in view;
}

export function isPlan(view: AnyView): view is PlanView {
  return "written" in view;
}
