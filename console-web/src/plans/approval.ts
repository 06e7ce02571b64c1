import { type Plan, PlanReview, type PlanRevision } from "../gen/banto/v1/plans_pb";

/** What is known of the approval of an open plan. */
export interface Approval {
  readonly decided: "approved" | "rejected" | undefined;
  /** Number of the revision that the decision speaks of; undefined: none, or it is not known here. */
  readonly decidedNumber: bigint | undefined;
  /** The decision speaks of another text than the newest. */
  readonly outdated: boolean;
  /** Why nothing can be approved now. */
  readonly hindered: "busy" | "notNewest" | "nothing" | undefined;
}

/** What can be said of a plan's approval, and whether the text that is shown can be approved. */
export function approvalOf(plan: Pick<Plan, "decision" | "headRevisionId" | "activeRevisionId">, revisions: readonly PlanRevision[], shown: Pick<PlanRevision, "revisionId" | "contentHash"> | undefined): Approval {
  const { decision, headRevisionId, activeRevisionId } = plan;
  const decided = decision?.review === PlanReview.APPROVED ? "approved" : decision?.review === PlanReview.REJECTED ? "rejected" : undefined;
  return {
    decided,
    decidedNumber: decided && revisions.find(({ revisionId }) => revisionId === decision?.revisionId)?.number,
    outdated: decided !== undefined && decision?.revisionId !== headRevisionId,
    hindered:
      activeRevisionId !== ""
        ? "busy"
        : headRevisionId === "" || shown === undefined || shown.contentHash === ""
          ? "nothing"
          : shown.revisionId === headRevisionId
            ? undefined
            : "notNewest",
  };
}

/** Whether the button that approves may be pressed: errors are accepted, all of them and knowingly. */
export function mayApprove({ errors, accepted, pending }: { readonly errors: number | undefined; readonly accepted: number | undefined; readonly pending: boolean }): boolean {
  return errors !== undefined && !pending && (errors === 0 || accepted === errors);
}
