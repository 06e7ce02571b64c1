import { Link } from "@tanstack/react-router";
import { Archive, ArchiveRestore, ChevronLeft, Pencil } from "lucide-react";
import { Suspense, lazy, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "../commands/use-commands";
import { RunStateBadge } from "../jobs/run-state-badge";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { costText, tokensText } from "../ui/format";
import { IconButton } from "../ui/icon-button";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { usePlan } from "./plan-context";
import { MaterialList } from "./material-list";
import { originName, planTitle } from "./plan-names";
import { RenamePlan } from "./rename-plan";
import { ReviewBadge } from "./review-badge";
import { useArchivePlan } from "./use-archive-plan";

const ExportPlan = lazy(async () => ({ default: (await loadPart(() => import("./export-plan"))).ExportPlan }));

/** Which plan it is, where it stands, what it cost, and what can be done with all of it. */
export function PlanHead() {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { plan, shown } = usePlan();
  const { taskId, planId, activeJobId, usage, model } = plan;
  const archive = useArchivePlan();
  const [renaming, setRenaming] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The way here was over before there was a heading to focus.
    if (document.activeElement?.matches("main, body") === true) {
      heading.current?.focus({ preventScroll: true });
    }
  }, []);
  const [exporting, setExporting] = useState(false);
  const commands = useMemo(() => [{ id: "export-plan", group: "plans", here: true, title: t("plan.keys.export"), keys: "x", run: () => setExporting(true) } as const], [t]);
  useCommands(commands);
  const cancel = useCall(() => clients.jobs.cancelJob({ jobId: activeJobId }));
  const archived = plan.archivedAt !== undefined;
  const jobId = shown.revision?.jobId ?? "";
  return (
    <header className="plan-head">
      <Link to="/tasks/$taskId/plans" params={{ taskId }} className="back-link">
        <ChevronLeft aria-hidden="true" size={14} /> {t("plan.back")}
      </Link>
      <div className="plan-head-line">
        <h1 ref={heading} tabIndex={-1}>
          {planTitle(t, plan)}
        </h1>
        <IconButton icon={Pencil} label={t("plan.rename")} onClick={() => setRenaming(true)} />
        <RunStateBadge state={plan.state} />
        <ReviewBadge review={plan.review} />
        {archived && <span className="tag">{t("plan.isArchived")}</span>}
        <div className="plan-head-commands" role="group" aria-label={t("plan.actions")}>
          {activeJobId !== "" && (
            <button type="button" className="button button-small" disabled={cancel.pending} onClick={() => void cancel.run()}>
              {cancel.pending ? t("plan.cancelling") : t("plan.cancel")}
            </button>
          )}
          <button type="button" className="button button-small" disabled={shown.text === undefined} onClick={() => setExporting(true)}>
            {t("plan.export.open")}
          </button>
          <button type="button" className="button button-small" onClick={() => void archive(plan, !archived)}>
            {archived ? <ArchiveRestore aria-hidden="true" size={14} /> : <Archive aria-hidden="true" size={14} />}
            {t(archived ? "plan.unarchive" : "plan.archive")}
          </button>
        </div>
      </div>
      {cancel.failure && <Refused failure={cancel.failure} scope="chat" />}
      <p className="task-facts soft small">
        <span>{originName(t, plan)}</span>
        <span>{t("plan.counts", { steps: t("plan.steps", { count: plan.stepCount }), operations: t("plan.operations", { count: plan.operationCount }) })}</span>
        {model !== "" && usage !== undefined && (
          <span className="usage" title={t("plan.spent")}>
            {tokensText(t, usage, i18n.language)} · {costText(t, usage, i18n.language)}
          </span>
        )}
        <Link to="/tasks/$taskId" params={{ taskId }} preload={false}>
          {t("plan.task")}
        </Link>
        {jobId !== "" && (
          <Link to="/jobs/$jobId" params={{ jobId }} preload={false}>
            {t("plan.job")}
          </Link>
        )}
        <Link to="/jobs" search={{ plan: planId }}>
          {t("plan.jobs")}
        </Link>
        {plan.mergedFrom.map(({ label, planId: from, revisionId, title }) => (
          <Link key={label} to="/plans/$planId" params={{ planId: from }} search={{ revision: revisionId }} preload={false}>
            {label}: {title || t("plan.untitled")}
          </Link>
        ))}
      </p>
      {plan.originReason !== "" && (
        <p className="small soft" lang="en">
          {t("plan.origin.because", { reason: plan.originReason })}
        </p>
      )}
      <div className="small plan-sent">
        <MaterialList material={plan.material} />
      </div>
      {exporting && (
        <Suspense fallback={null}>
          <ExportPlan onClose={() => setExporting(false)} />
        </Suspense>
      )}
      {renaming && <RenamePlan plan={plan} onClose={() => setRenaming(false)} />}
    </header>
  );
}
