import { useCallback, useMemo } from "react";
import type { PlanComment } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { useLoaded } from "../ui/use-loaded";
import type { PlanView } from "./plan-view";

interface Answer {
  readonly headRevisionId: string;
  readonly comments: readonly PlanComment[];
}

/** The comments, and those of them whose place in the newest text is known. */
export interface PlacedComments {
  readonly comments: readonly PlanComment[];
  readonly placed: ReadonlySet<string>;
}

const nothing: readonly PlanComment[] = [];

/**
 * The comments with their places in the newest text. The stream tells of comments
 * without them; where they stand is asked for, again with each revision and with
 * each comment that is new.
 */
export function usePlacedComments({ plan, comments }: Pick<PlanView, "plan" | "comments">): PlacedComments {
  const { clients } = useConsole();
  const { planId, headRevisionId } = plan;
  const newest = comments.at(-1)?.commentId;
  const load = useCallback(
    async (signal: AbortSignal): Promise<Answer> => {
      const answer = newest !== undefined && headRevisionId !== "" ? await clients.plans.getPlan({ planId }, { signal }) : undefined;
      return { headRevisionId: answer?.plan?.headRevisionId ?? "", comments: answer?.comments ?? nothing };
    },
    [clients, planId, headRevisionId, newest],
  );
  const { value } = useLoaded(load);
  return useMemo(() => {
    const answered = value?.headRevisionId === headRevisionId ? value.comments : nothing;
    return { comments: withPlaces(comments, answered), placed: new Set(answered.map(({ commentId }) => commentId)) };
  }, [comments, value, headRevisionId]);
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
