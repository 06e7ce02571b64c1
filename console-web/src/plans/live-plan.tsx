import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "../shell/document-title";
import { loadPart } from "../shell/upgrade";
import { Loading, Refused } from "../ui/states";
import type { CallFailure } from "../api/failure";
import { type Checked, PlanContext, type Target, type OpenPlan, usePlan } from "./plan-context";
import type { PlanDocument, Span } from "./plan-document";
import { PlanHead } from "./plan-head";
import { PlanNews } from "./plan-news";
import { planTitle } from "./plan-names";
import { PlanOutline } from "./plan-outline";
import { type PlanSearch, planViews } from "./plan-search";
import type { PlanView } from "./plan-view";
import { RenderedPlan } from "./rendered-plan";
import { RevisionNotice } from "./revision-notice";
import { usePlanCommands } from "./use-plan-commands";
import { usePlanDocument } from "./use-plan-document";
import { useRevisionText } from "./use-revision-text";

const RawPlan = lazy(async () => ({ default: (await loadPart(() => import("./raw-plan"))).RawPlan }));

const route = getRouteApi("/plans/$planId");

/** A plan that is known, with whatever view of it the address asks for. */
export function LivePlan({ view }: { readonly view: PlanView }) {
  const { t } = useTranslation();
  const { plan } = view;
  const search = route.useSearch();
  const navigate = useNavigate();
  const newest = plan.activeRevisionId || plan.headRevisionId || (view.revisions[0]?.revisionId ?? "");
  const shownId = search.revision ?? newest;
  const shown = useRevisionText(view, shownId);
  const read = usePlanDocument(shown.text ?? "", shown.generation, shown.writing);
  const [edited, setEdited] = useState<PlanDocument>();
  const [check, setCheck] = useState<{ checked: Checked | undefined; failure: CallFailure | undefined }>();
  const [target, setTarget] = useState<Target>();
  const { planId } = plan;
  const show = useCallback<OpenPlan["show"]>(
    (change, replace = false) =>
      void navigate({
        to: "/plans/$planId",
        params: { planId },
        search: (before) => Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined)) as PlanSearch,
        replace,
      }),
    [navigate, planId],
  );
  const goTo = useCallback((span: Span) => setTarget({ span }), []);
  const setChecked = useCallback((checked: Checked | undefined, failure?: CallFailure) => setCheck({ checked, failure }), []);
  const editing = search.view === "edit";
  const context = useMemo(
    (): OpenPlan => ({
      view,
      plan,
      search,
      show,
      shown,
      shownId,
      document: editing && edited ? edited : read,
      setEdited,
      checked: check?.checked,
      checkFailure: check?.failure,
      setChecked,
      target,
      goTo,
    }),
    // What is shown is made of these alone.
    // oxlint-disable-next-line react/exhaustive-deps
    [view, plan, search, show, shown.text, shown.generation, shown.failure, shownId, editing, edited, read, check, setChecked, target, goTo],
  );
  const title = planTitle(t, plan);
  useDocumentTitle(title);
  return (
    <PlanContext value={context}>
      <PlanHead />
      <PlanParts />
      <RevisionNotice />
      <PlanBody />
      <PlanNews />
    </PlanContext>
  );
}

function PlanParts() {
  const { t } = useTranslation();
  const { plan, search, view } = usePlan();
  const { view: _, ...kept } = search;
  return (
    <nav aria-label={t("plan.parts")} className="task-parts plan-parts">
      {planViews.slice(0, 2).map((name) => (
        <Link
          key={name}
          to="/plans/$planId"
          params={{ planId: plan.planId }}
          search={{ ...kept, ...(name !== "rendered" && { view: name }) }}
          activeOptions={{ exact: true }}
          className="task-part"
        >
          {t(`plan.view.${name}`)} {name === "revisions" && view.revisions.length > 0 && <span className="soft">{String(plan.version)}</span>}
        </Link>
      ))}
    </nav>
  );
}

function PlanBody() {
  const { t } = useTranslation();
  const { search, shown, document: structure } = usePlan();
  usePlanCommands();
  const { view } = search;
  if (shown.text === undefined) {
    return shown.failure ? <Refused failure={shown.failure} scope="read" title={t("plan.textFailed")} onRetry={shown.reload} /> : <Loading />;
  }
  return (
    <div className="plan-columns">
      <PlanOutline steps={structure.steps} />
      <div className="plan-main">
        <Suspense fallback={<Loading />}>{view === "raw" ? <RawPlan /> : <RenderedPlan />}</Suspense>
      </div>
    </div>
  );
}
