import { useCallback, useMemo } from "react";
import type { PlanComment } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { useLoaded } from "../ui/use-loaded";
import type { PlanView } from "./plan-view";

interface Placed {
  readonly headRevisionId: string;
  readonly comments: readonly PlanComment[];
}

/**
 * The comments with their places in the newest text. The stream tells of a
 * comment when that changes; where it stands changes with each revision, and is
 * asked for.
 */
export function usePlacedComments({ plan, comments }: Pick<PlanView, "plan" | "comments">): readonly PlanComment[] {
  const { clients } = useConsole();
  const { planId, headRevisionId } = plan;
  const any = comments.length > 0;
  const load = useCallback(
    async (signal: AbortSignal): Promise<Placed> => {
      const answer = any && headRevisionId !== "" ? await clients.plans.getPlan({ planId }, { signal }) : undefined;
      return { headRevisionId: answer?.plan?.headRevisionId ?? "", comments: answer?.comments ?? [] };
    },
    [clients, planId, headRevisionId, any],
  );
  const { value } = useLoaded(load);
  return useMemo(() => withPlaces(comments, value?.headRevisionId === headRevisionId ? value.comments : []), [comments, value, headRevisionId]);
}

/** Lays the places of one answer over what the stream told, whose words are the newer ones. */
export function withPlaces(comments: readonly PlanComment[], placed: readonly PlanComment[]): readonly PlanComment[] {
  if (placed.length === 0) {
    return comments;
  }
  const known = new Map(placed.map((comment) => [comment.commentId, comment] as const));
  return comments.map((comment) => {
    const answer = known.get(comment.commentId);
    if (answer === undefined) {
      return comment;
    }
    const { place: _, ...rest } = comment.change > answer.change ? comment : answer;
    return answer.place ? { ...rest, place: answer.place } : rest;
  });
}
