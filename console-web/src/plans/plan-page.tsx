import { Code } from "@connectrpc/connect";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import { addPlanTexts } from "../i18n/plan-texts";
import { addTaskTexts } from "../i18n/task-texts";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { Failed, Loading, Refused } from "../ui/states";
import { LivePlan } from "./live-plan";
import type { PlanView } from "./plan-view";
import "./plan-page.css";

addTaskTexts();
addPlanTexts();

const route = getRouteApi("/plans/$planId");

/** After these there is no plan to show; after others what was known stays. */
const finalCodes: ReadonlySet<number> = new Set([Code.NotFound, Code.InvalidArgument, Code.PermissionDenied]);

/** `/plans/:planId` */
export function PlanPage() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const { planId } = route.useParams();
  const watched = useWatched({ kind: "plan", planId });
  // Between a reset and its snapshot the page stays as it was.
  const [last, setLast] = useState<PlanView>();
  const ready = watched.phase === "ready" ? watched.view : undefined;
  useEffect(() => setLast((before) => ready ?? (before?.plan.planId === planId ? before : undefined)), [ready, planId]);
  useDocumentTitle(t("plan.title"));
  const final = watched.phase === "failed" && finalCodes.has(watched.failure.code);
  const view = ready ?? (last?.plan.planId === planId && !final ? last : undefined);
  return (
    <div className="page plan-page">
      {watched.phase === "failed" && <PlanFailed failure={watched.failure} onRetry={() => feed.retryNow()} />}
      {view !== undefined && <LivePlan key={planId} view={view} />}
      {view === undefined && watched.phase === "loading" && <Loading />}
    </div>
  );
}

interface PlanFailedProps {
  readonly failure: { readonly code: number; readonly reason: string; readonly message: string };
  readonly onRetry: () => void;
}

function PlanFailed({ failure, onRetry }: PlanFailedProps) {
  const { t } = useTranslation();
  // An address that is no id is refused as malformed; to a person it is the same.
  const gone = failure.reason === "PLAN_NOT_FOUND" || failure.code === Code.InvalidArgument;
  return gone ? (
    <Failed title={t("plan.notFound")} />
  ) : (
    <Refused failure={new CallFailure(failure)} scope="read" title={t("plan.loadFailed")} onRetry={onRetry} />
  );
}
