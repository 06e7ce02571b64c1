import { Link, getRouteApi } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { addPlanTexts } from "../i18n/plan-texts";
import { useWatched } from "../shell/console-context";
import { momentText } from "../ui/format";
import { Empty } from "../ui/states";
import { originName, planTitle } from "./plan-names";
import "./plans.css";
import { RevisionDiff } from "./revision-diff";

addPlanTexts();

const route = getRouteApi("/tasks/$taskId/plans/compare");

/** `/tasks/:taskId/plans/compare?from=&to=` */
export function ComparePage() {
  const { t, i18n } = useTranslation();
  const { taskId } = route.useParams();
  const { from, to } = route.useSearch();
  const watched = useWatched({ kind: "plans", taskId });
  const plans = watched.phase === "ready" ? watched.view : [];
  const nameOf = (revisionId: string) => {
    const plan = plans.find(({ headRevisionId }) => headRevisionId === revisionId);
    if (plan === undefined) {
      return <span className="mono small">{revisionId}</span>;
    }
    const { planId, createdAt } = plan;
    return (
      <>
        <Link to="/plans/$planId" params={{ planId }}>
          {planTitle(t, plan)}
        </Link>{" "}
        {/* Drafts of a task have the same title. */}
        <span className="soft small">{[originName(t, plan), createdAt && momentText(createdAt, i18n.language)].filter(Boolean).join(" · ")}</span>
      </>
    );
  };
  return (
    <div className="task-body compare">
      <Link to="/tasks/$taskId/plans" params={{ taskId }} className="back-link">
        <ChevronLeft aria-hidden="true" size={14} /> {t("plan.compare.back")}
      </Link>
      <h2>{t("plan.compare.title")}</h2>
      {from === undefined || to === undefined ? (
        <Empty>{t("plan.compare.missing")}</Empty>
      ) : (
        <>
          <dl className="compare-names">
            <dt>{t("plan.compare.old")}</dt>
            <dd>{nameOf(from)}</dd>
            <dt>{t("plan.compare.new")}</dt>
            <dd>{nameOf(to)}</dd>
          </dl>
          <RevisionDiff key={`${from} ${to}`} from={from} to={to} />
        </>
      )}
    </div>
  );
}
