import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { Columns2, Merge, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Plan } from "../gen/banto/v1/plans_pb";
import { addPlanTexts } from "../i18n/plan-texts";
import { useConsole, useWatched } from "../shell/console-context";
import { useTask } from "../tasks/task-context";
import { Empty, Loading, Refused } from "../ui/states";
import { MergePlans } from "./merge-plans";
import { NewPlan } from "./new-plan";
import { PlanRow } from "./plan-row";
import "./plans.css";
import type { PlansView } from "./plans-view";

addPlanTexts();

const route = getRouteApi("/tasks/$taskId/plans");
const mostMerged = 8;

/** `/tasks/:taskId/plans` */
export function PlansPage() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const { task } = useTask();
  const { taskId } = task;
  const watched = useWatched({ kind: "plans", taskId });
  const [last, setLast] = useState<PlansView>();
  const ready = watched.phase === "ready" ? watched.view : undefined;
  useEffect(() => setLast((before) => ready ?? before), [ready]);
  const plans = ready ?? last;
  if (plans === undefined) {
    return watched.phase === "failed" ? (
      <Refused failure={new CallFailure(watched.failure)} scope="read" title={t("plan.listFailed")} onRetry={() => feed.retryNow()} />
    ) : (
      <Loading />
    );
  }
  return <PlansOfTask key={taskId} taskId={taskId} plans={plans} />;
}

function PlansOfTask({ taskId, plans }: { readonly taskId: string; readonly plans: PlansView }) {
  const { t } = useTranslation();
  const { new: wanted } = route.useSearch();
  const navigate = useNavigate();
  const [merging, setMerging] = useState(false);
  const open = (form: "new" | "merge" | undefined) => {
    setMerging(form === "merge");
    void navigate({ to: "/tasks/$taskId/plans", params: { taskId }, search: form === "new" ? { new: true } : {}, replace: true });
  };
  const [archived, setArchived] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const shown = plans.filter(({ archivedAt }) => (archivedAt !== undefined) === archived);
  const archivedCount = plans.filter(({ archivedAt }) => archivedAt !== undefined).length;
  // In the order in which they were chosen: the first is the old one of a comparison.
  const selected = chosen.flatMap((planId) => plans.find((plan) => plan.planId === planId) ?? []);
  const choose = (planId: string, on: boolean) => setChosen((before) => (on ? [...before, planId] : before.filter((other) => other !== planId)));
  return (
    <div className="task-body plans">
      <p className="soft">{t("plan.lead")}</p>
      <div className="plans-bar">
        <button type="button" className="button button-primary" aria-expanded={wanted === true} onClick={() => open(wanted ? undefined : "new")}>
          <Plus aria-hidden="true" size={16} /> {t("plan.new.open")}
        </button>
        {plans.length > 1 && <Chosen selected={selected} taskId={taskId} onMerge={() => open("merge")} />}
        {archivedCount > 0 && (
          <label className="choice plans-archived">
            <input type="checkbox" checked={archived} onChange={({ target }) => setArchived(target.checked)} /> {t("plan.showArchived", { count: archivedCount })}
          </label>
        )}
      </div>
      {wanted && <NewPlan onClose={() => open(undefined)} />}
      {merging && !wanted && <MergePlans plans={selected} onClose={() => setMerging(false)} />}
      {shown.length === 0 ? (
        <Empty>{t(archived ? "plan.noneArchived" : "plan.none")}</Empty>
      ) : (
        <ul className="plan-list" aria-label={t("plan.list")}>
          {shown.map((plan) => (
            <PlanRow key={plan.planId} plan={plan} chosen={chosen.includes(plan.planId)} onChoose={(on) => choose(plan.planId, on)} choosable={plans.length > 1} />
          ))}
        </ul>
      )}
      {plans.length === 0 && (
        <p className="soft small">
          <Link to="/docs">{t("plan.readMore")}</Link>
        </p>
      )}
    </div>
  );
}

interface ChosenProps {
  readonly selected: readonly Plan[];
  readonly taskId: string;
  readonly onMerge: () => void;
}

/** What can be done with the plans that are ticked. */
function Chosen({ selected, taskId, onMerge }: ChosenProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const heads = selected.map(({ headRevisionId }) => headRevisionId);
  const whole = heads.every((head) => head !== "");
  const [from, to] = heads;
  return (
    <div className="plans-chosen" role="group" aria-label={t("plan.withChosen")}>
      <button
        type="button"
        className="button"
        disabled={heads.length !== 2 || !whole}
        title={t("plan.compare.help")}
        onClick={() => void navigate({ to: "/tasks/$taskId/plans/compare", params: { taskId }, search: { ...(from && { from }), ...(to && { to }) } })}
      >
        <Columns2 aria-hidden="true" size={15} /> {t("plan.compare.open")}
      </button>
      <button type="button" className="button" disabled={heads.length < 2 || heads.length > mostMerged || !whole} title={t("plan.merge.help")} onClick={onMerge}>
        <Merge aria-hidden="true" size={15} /> {t("plan.merge.open")}
      </button>
      <span className="soft small" role="status">
        {t("plan.chosen", { count: selected.length })}
      </span>
    </div>
  );
}
