import type { TFunction } from "i18next";
import { type Plan, PlanOrigin, PlanReview, RevisionAuthor } from "../gen/banto/v1/plans_pb";

const authors: ReadonlyMap<RevisionAuthor, "person" | "model" | "finder" | "merge" | "changes" | "restore"> = new Map([
  [RevisionAuthor.PERSON, "person"],
  [RevisionAuthor.MODEL, "model"],
  [RevisionAuthor.FINDER, "finder"],
  [RevisionAuthor.MERGE, "merge"],
  [RevisionAuthor.CHANGES, "changes"],
  [RevisionAuthor.RESTORE, "restore"],
] as const);

/** Who wrote a revision, in a word. */
export function authorName(t: TFunction, author: RevisionAuthor): string {
  return t(`plan.author.${authors.get(author) ?? "unknown"}`);
}

/** How a plan came to be; for a model, which. */
export function originName(t: TFunction, { origin, model }: Pick<Plan, "origin" | "model">): string {
  if (origin === PlanOrigin.BRIEF) {
    return t("plan.origin.brief");
  }
  const name = t(origin === PlanOrigin.MERGE ? "plan.origin.merge" : "plan.origin.model");
  return model === "" ? name : `${name} · ${model}`;
}

const reviews: ReadonlyMap<PlanReview, "open" | "approved" | "rejected"> = new Map([
  [PlanReview.OPEN, "open"],
  [PlanReview.APPROVED, "approved"],
  [PlanReview.REJECTED, "rejected"],
] as const);

/** `data-review` of a plan. */
export function reviewSlug(review: PlanReview): "open" | "approved" | "rejected" {
  return reviews.get(review) ?? "open";
}

/** The title of a plan, which may have none yet. */
export function planTitle(t: TFunction, { title }: Pick<Plan, "title">): string {
  return title || t("plan.untitled");
}

/** Enough of a hash to tell it from another. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}
