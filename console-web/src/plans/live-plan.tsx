import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, startTransition, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "../shell/document-title";
import { loadPart } from "../shell/upgrade";
import { ByteIndex } from "../tasks/byte-range";
import { failureKindName, stateName } from "../ui/format";
import { Failed, Loading, Refused } from "../ui/states";
import { type CallFailure, sentence } from "../api/failure";
import { isRunning } from "../conversation/conversation-view";
import type { CommentTarget } from "./comment-draft";
import { type CommentSpot, commentSpots } from "./comment-place";
import { type Checked, PlanContext, type Target, type OpenPlan, usePlan } from "./plan-context";
import type { PlanDocument, Span } from "./plan-document";
import { PlanHead } from "./plan-head";
import { PlanNews } from "./plan-news";
import { planTitle } from "./plan-names";
import { PlanSideChoice, PlanSidePanel } from "./plan-sides";
import { ApproveBar } from "./approve-bar";
import { PlanOutline } from "./plan-outline";
import { type PlanSearch, planViews } from "./plan-search";
import type { PlanView } from "./plan-view";
import { RenderedPlan } from "./rendered-plan";
import { RevisionNotice } from "./revision-notice";
import { usePlanCommands } from "./use-plan-commands";
import { usePlanDocument } from "./use-plan-document";
import { usePlacedComments } from "./use-placed-comments";
import { useRevisionText } from "./use-revision-text";

const HistoryView = lazy(async () => ({ default: (await loadPart(() => import("./history-view"))).HistoryView }));
const OutcomeView = lazy(async () => ({ default: (await loadPart(() => import("./outcome-view"))).OutcomeView }));
const RevisionsView = lazy(async () => ({ default: (await loadPart(() => import("./revisions-view"))).RevisionsView }));
const EditPlan = lazy(async () => ({ default: (await loadPart(() => import("./edit-plan"))).EditPlan }));
const RawPlan = lazy(async () => ({ default: (await loadPart(() => import("./raw-plan"))).RawPlan }));

const noSpots: readonly CommentSpot[] = [];
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
  const [edited, setEditedState] = useState<PlanDocument>();
  // A key that is pressed meanwhile comes first.
  const setEdited = useCallback((next: PlanDocument | undefined) => startTransition(() => setEditedState(next)), []);
  const [check, setCheck] = useState<{ checked: Checked | undefined; failure: CallFailure | undefined }>();
  const [applyFix, setFix] = useState<{ readonly apply: OpenPlan["applyFix"] }>();
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
  const [composing, setComposing] = useState<CommentTarget>();
  const compose = useCallback(
    (on: CommentTarget | undefined) => {
      setComposing(on);
      if (on) {
        show({ side: "comments" }, true);
      }
    },
    [show],
  );
  const { comments, placed } = usePlacedComments(view);
  const { text, writing } = shown;
  const spots = useMemo(
    () => (comments.length === 0 || text === undefined || writing ? noSpots : commentSpots(comments, { revisionId: shownId, newest: shownId === plan.headRevisionId, document: read, index: new ByteIndex(text), placed })),
    [comments, placed, text, writing, shownId, plan.headRevisionId, read],
  );
  // A comment of the address is shown, and what it speaks of.
  const linked = search.comment === undefined ? undefined : spots.find(({ comment }) => comment.commentId === search.comment);
  const opened = useRef<string>(undefined);
  useEffect(() => {
    if (linked && opened.current !== linked.comment.commentId) {
      opened.current = linked.comment.commentId;
      show({ side: "comments", ...(linked.step !== undefined && { step: linked.step }) }, true);
      if (linked.span) {
        setTarget({ span: linked.span });
      }
    }
  }, [linked, show]);
  const setApplyFix = useCallback((apply: OpenPlan["applyFix"]) => setFix({ apply }), []);
  const editing = search.view === "edit";
  // What was found in another text says nothing of this one.
  const checked = check?.checked && (editing || check.checked.text === text) ? check.checked : undefined;
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
      checked,
      checkFailure: check?.failure,
      setChecked,
      spots,
      composing,
      compose,
      applyFix: applyFix?.apply,
      setApplyFix,
      target,
      goTo,
    }),
    // What is shown is made of these alone.
    // oxlint-disable-next-line react/exhaustive-deps
    [view, plan, search, show, shown.text, shown.generation, shown.failure, shownId, editing, edited, setEdited, read, checked, check?.failure, setChecked, spots, composing, compose, applyFix, setApplyFix, target, goTo],
  );
  const title = planTitle(t, plan);
  useDocumentTitle(title);
  return (
    <PlanContext value={context}>
      <PlanHead />
      <ApproveBar />
      <div className="plan-parts-line">
        <PlanParts />
        <PlanSideChoice />
      </div>
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
  const parts = useRef<HTMLElement>(null);
  const before = useRef(search.view);
  useEffect(() => {
    const current = parts.current?.querySelector<HTMLElement>("[aria-current='page']");
    // On a phone there is no room for all of them.
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
    // A key led to another view, and what had the focus went with the former one.
    if (before.current !== search.view && document.activeElement === document.body) {
      current?.focus({ preventScroll: true });
    }
    before.current = search.view;
  }, [search.view]);
  return (
    <nav ref={parts} aria-label={t("plan.parts")} className="task-parts plan-parts">
      {planViews.map((name) => (
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

/** Views that need no text beside them. */
const whole: ReadonlySet<string | undefined> = new Set(["revisions", "outcome", "history"]);

function PlanBody() {
  const { t } = useTranslation();
  const { plan, search, shown, shownId, document: structure } = usePlan();
  usePlanCommands();
  const { view, side } = search;
  if (whole.has(view)) {
    return (
      <div className="plan-scroll">
        <Suspense fallback={<Loading />}>{view === "revisions" ? <RevisionsView /> : view === "outcome" ? <OutcomeView /> : <HistoryView />}</Suspense>
      </div>
    );
  }
  if (shownId === "") {
    return isRunning(plan.state) ? (
      <Loading label={t("plan.queued")} />
    ) : (
      <Failed title={t("plan.noText", { state: stateName(t, plan.state) })} detail={plan.failure && `${failureKindName(t, plan.failure.kind)}. ${sentence(plan.failure.message)}`} />
    );
  }
  if (shown.text === undefined && view !== "edit") {
    return shown.failure ? <Refused failure={shown.failure} scope="read" title={t("plan.textFailed")} onRetry={shown.reload} /> : <Loading />;
  }
  return (
    <div className="plan-columns" data-side={side}>
      <PlanOutline steps={structure.steps} />
      <div className="plan-main">
        <Suspense fallback={<Loading />}>{view === "raw" ? <RawPlan /> : view === "edit" ? <EditPlan /> : <RenderedPlan />}</Suspense>
      </div>
      {side && <PlanSidePanel side={side} />}
    </div>
  );
}
