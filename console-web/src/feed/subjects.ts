import { type MessageInitShape } from "@bufbuild/protobuf";
import { type ConversationView, reduceConversation } from "../conversation/conversation-view";
import { type ConversationsView, reduceConversations } from "../conversation/conversations-view";
import { type RuntimesView, type WorkersView, reduceRuntimes, reduceWorkers } from "../fleet/fleet-view";
import type { SubjectFailure, SubjectSchema, SubjectUpdate } from "../gen/banto/v1/feed_pb";
import { type JobsView, reduceJobs } from "../jobs/jobs-view";

/** What a page may watch. */
export type Subject =
  | { readonly kind: "runtimes" }
  | { readonly kind: "workers" }
  | { readonly kind: "jobs" }
  | { readonly kind: "conversations" }
  | { readonly kind: "conversation"; readonly conversationId: string };

/** The view that each subject's updates add up to. */
export interface Views {
  readonly runtimes: RuntimesView;
  readonly workers: WorkersView;
  readonly jobs: JobsView;
  readonly conversations: ConversationsView;
  readonly conversation: ConversationView;
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
  return subject.kind === "conversation" ? `conversation:${subject.conversationId}` : subject.kind;
}

/** The request for a subject, beginning where its view ends. */
export function subjectRequest(
  subject: Subject,
  subjectId: string,
  watched: Watched,
): MessageInitShape<typeof SubjectSchema> {
  if (subject.kind !== "conversation") {
    return { subjectId, subject: { case: subject.kind, value: {} } };
  }
  const view = watched.phase === "ready" && isConversation(watched.view) ? watched.view : undefined;
  const cursor = view && view.broken !== "text" ? { afterSequence: view.sequence, epoch: view.epoch } : {};
  return {
    subjectId,
    subject: { case: "conversation", value: { conversationId: subject.conversationId, ...cursor } },
  };
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
    case "failed":
    case undefined:
      return view;
  }
}

export function isConversation(view: AnyView): view is ConversationView {
  return "sequence" in view;
}
