import { Link } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Pencil } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isRunning } from "../conversation/conversation-view";
import { type Plan, PlanOrigin } from "../gen/banto/v1/plans_pb";
import { RunStateBadge } from "../jobs/run-state-badge";
import { costText, exactMomentText, failureKindName, momentText, stateSlug, tokensText } from "../ui/format";
import { IconButton } from "../ui/icon-button";
import { originName, planTitle, reviewSlug } from "./plan-names";
import { RenamePlan } from "./rename-plan";
import { ReviewBadge } from "./review-badge";
import { useArchivePlan } from "./use-archive-plan";

interface PlanRowProps {
  readonly plan: Plan;
  readonly chosen: boolean;
  readonly choosable: boolean;
  readonly onChoose: (chosen: boolean) => void;
}

/** A plan in the list. */
export function PlanRow({ plan, chosen, choosable, onChoose }: PlanRowProps) {
  const { t, i18n } = useTranslation();
  const archive = useArchivePlan();
  const [renaming, setRenaming] = useState(false);
  const { planId, state, review, stepCount, errorCount, warningCount, openCommentCount, failure, usage, origin, createdAt } = plan;
  const title = planTitle(t, plan);
  const archived = plan.archivedAt !== undefined;
  const running = isRunning(state);
  return (
    <li className="plan-row" data-plan-id={planId} data-state={stateSlug(state)} data-review={reviewSlug(review)}>
      {choosable && (
        <input type="checkbox" className="plan-tick" aria-label={t("plan.choose", { title })} checked={chosen} onChange={({ target }) => onChoose(target.checked)} />
      )}
      <div className="plan-row-main">
        <p className="plan-row-head">
          <Link to="/plans/$planId" params={{ planId }} className="plan-link">
            {title}
          </Link>
          {running && <span className="spinner" role="img" aria-label={t("plan.writing")} />}
          <RunStateBadge state={state} />
          <ReviewBadge review={review} />
        </p>
        <p className="task-facts soft small">
          <span>{originName(t, plan)}</span>
          {failure && !running && <span data-severity="error">{failureKindName(t, failure.kind)}</span>}
          <span>{t("plan.steps", { count: stepCount })}</span>
          {errorCount > 0 && (
            <span className="plan-errors" data-severity="error">
              {t("plan.errors", { count: errorCount })}
            </span>
          )}
          {warningCount > 0 && <span data-severity="warning">{t("plan.warnings", { count: warningCount })}</span>}
          {openCommentCount > 0 && <span>{t("plan.openComments", { count: openCommentCount })}</span>}
          {origin === PlanOrigin.BRIEF ? (
            <span>{t("plan.free")}</span>
          ) : (
            !running && (
              <span className="usage">
                {tokensText(t, usage, i18n.language)} · {costText(t, usage, i18n.language)}
              </span>
            )
          )}
          {createdAt && <time title={exactMomentText(createdAt, i18n.language)}>{momentText(createdAt, i18n.language)}</time>}
        </p>
      </div>
      <div className="plan-row-commands">
        <IconButton icon={Pencil} label={t("plan.renameNamed", { title })} onClick={() => setRenaming(true)} />
        <IconButton icon={archived ? ArchiveRestore : Archive} label={t(archived ? "plan.unarchiveNamed" : "plan.archiveNamed", { title })} onClick={() => void archive(plan, !archived)} />
      </div>
      {renaming && <RenamePlan plan={plan} onClose={() => setRenaming(false)} />}
    </li>
  );
}
