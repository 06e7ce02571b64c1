import { useTranslation } from "react-i18next";
import type { PlanReview } from "../gen/banto/v1/plans_pb";
import { reviewSlug } from "./plan-names";

const tones = { open: undefined, approved: "good", rejected: "bad" } as const;

/** What people said of the newest revision. */
export function ReviewBadge({ review }: { readonly review: PlanReview }) {
  const { t } = useTranslation();
  const slug = reviewSlug(review);
  return (
    <span className="badge" data-tone={tones[slug]} data-review={slug}>
      {t(`plan.review.${slug}`)}
    </span>
  );
}
