import { sameWorker } from "../fleet/fleet-view";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { type WorkerInfo, WorkerState } from "../gen/banto/v1/worker_pb";
import { useWatched } from "../shell/console-context";

/**
 * The Companion of a conversation; without one, that of the default workspace,
 * which is the workspace of the listed conversations.
 */
export function useCompanion(conversation: Conversation | undefined): WorkerInfo | undefined {
  const workers = useWatched({ kind: "workers" });
  const conversations = useWatched({ kind: "conversations" });
  if (workers.phase !== "ready") {
    return undefined;
  }
  if (conversation !== undefined) {
    return workers.view.find((worker) => sameWorker(worker, conversation));
  }
  const workspaceId = conversations.phase === "ready" ? conversations.view[0]?.workspaceId : undefined;
  return workers.view.find((worker) => worker.workspaceId === workspaceId) ?? workers.view[0];
}

/** Whether sending would be refused, as far as the page knows. */
export function companionBlock(companion: WorkerInfo | undefined): boolean {
  return companion?.state === WorkerState.STOPPED || companion?.state === WorkerState.UNAVAILABLE;
}
