import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import { PlanReview, type PlanRevision } from "../gen/banto/v1/plans_pb";
import { RunStateBadge } from "../jobs/run-state-badge";
import { useConsole } from "../shell/console-context";
import { exactMomentText, momentText } from "../ui/format";
import { Failed, Refused } from "../ui/states";
import { failureText } from "../ui/failure-text";
import { showToast } from "../ui/toast";
import { useCall } from "../ui/use-call";
import { usePages } from "../ui/use-pages";
import { ChangeAnswers } from "./change-answers";
import { usePlan } from "./plan-context";
import { authorName, shortHash } from "./plan-names";
import { RevisionDiff } from "./revision-diff";

const pageSize = 50;

/** Every revision of the plan, and how any two of them differ. */
export function RevisionsView() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { plan, view, search, show } = usePlan();
  const { planId } = plan;
  const [older, setOlder] = useState(false);
  const load = useCallback(
    async (pageToken: string, signal: AbortSignal) => {
      if (!older) {
        return { items: [], next: "" };
      }
      const { revisions, nextPageToken } = await clients.plans.listRevisions({ planId, pageSize, pageToken }, { signal });
      return { items: revisions, next: nextPageToken };
    },
    [clients, planId, older],
  );
  const listed = usePages(load);
  const revisions = useMemo(() => {
    const merged = new Map(listed.items.map((revision) => [revision.revisionId, revision] as const));
    for (const revision of view.revisions) {
      merged.set(revision.revisionId, revision);
    }
    return [...merged.values()].toSorted((a, b) => Number(b.number - a.number));
  }, [listed.items, view.revisions]);
  const oldest = revisions.at(-1);
  const to = search.to ?? plan.headRevisionId;
  const from = search.from ?? revisions.find(({ revisionId }) => revisionId === to)?.parentRevisionId ?? "";
  const known = (id: string) => revisions.some(({ revisionId }) => revisionId === id);
  const compared = revisions.find(({ revisionId }) => revisionId === to);
  return (
    <div className="revisions" data-testid="revisions">
      <div>
        <p className="soft small">{t("plan.revisions.lead")}</p>
        <ol className="revision-list" aria-label={t("plan.revisions.list")}>
          {revisions.map((revision) => (
            <Revision key={revision.revisionId} revision={revision} revisions={revisions} from={from} to={to} />
          ))}
        </ol>
        {listed.failure && <Failed title={t("plan.revisions.failed")} detail={failureText(t, listed.failure)} onRetry={listed.reload} />}
        {oldest !== undefined && oldest.number > 1n && (
          <button type="button" className="button" disabled={older && listed.loading} onClick={() => (older ? listed.loadMore() : setOlder(true))}>
            {t("plan.revisions.more")}
          </button>
        )}
      </div>
      {from !== "" && from !== to && known(to) && (
        <div className="revision-compare">
          {compared && <ChangeAnswers revision={compared} />}
          <RevisionDiff key={`${from} ${to}`} from={from} to={to} />
          {(search.from ?? search.to) !== undefined && (
            <button type="button" className="button button-small" onClick={() => show({ from: undefined, to: undefined })}>
              {t("dialog.close")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

interface RevisionProps {
  readonly revision: PlanRevision;
  readonly revisions: readonly PlanRevision[];
  readonly from: string;
  readonly to: string;
}

function Revision({ revision, revisions, from, to }: RevisionProps) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { plan, show } = usePlan();
  const { revisionId, author, by, message, createdAt, state, errorCount, warningCount, contentHash, restoredRevisionId } = revision;
  const number = String(revision.number);
  const head = revisionId === plan.headRevisionId;
  const decided = plan.decision?.revisionId === revisionId ? plan.decision.review : undefined;
  const restored = revisions.find((other) => other.revisionId === restoredRevisionId);
  const revert = useCall(async () => {
    await clients.plans.revertPlan({ planId: plan.planId, expectedVersion: plan.version, revisionId });
    showToast({ text: t("plan.revisions.restored", { number }) });
  });
  return (
    <li className="revision" data-revision={number} data-revision-id={revisionId}>
      <p className="plan-row-head">
        <strong>{t("plan.revisions.number", { number })}</strong>
        {head && <span className="tag">{t("plan.revisions.newest")}</span>}
        {decided === PlanReview.APPROVED && <span className="tag">{t("plan.revisions.approved")}</span>}
        {decided === PlanReview.REJECTED && <span className="tag">{t("plan.revisions.rejected")}</span>}
        {state !== RunState.COMPLETED && <RunStateBadge state={state} />}
      </p>
      {message !== "" && <p>{message}</p>}
      <p className="task-facts soft small">
        <span>{t("plan.revisions.by", { author: authorName(t, author), name: by })}</span>
        {restored && <span>{t("plan.revisions.restoredFrom", { number: String(restored.number) })}</span>}
        {createdAt && <time title={exactMomentText(createdAt, i18n.language)}>{momentText(createdAt, i18n.language)}</time>}
        {errorCount > 0 && <span data-severity="error">{t("plan.errors", { count: errorCount })}</span>}
        {warningCount > 0 && <span data-severity="warning">{t("plan.warnings", { count: warningCount })}</span>}
        {contentHash !== "" && (
          <span className="mono" title={contentHash}>
            {shortHash(contentHash)}
          </span>
        )}
      </p>
      <div className="revision-commands">
        <button type="button" className="button button-small" aria-label={t("plan.revisions.openNamed", { number })} onClick={() => show({ view: undefined, revision: head ? undefined : revisionId })}>
          {t("plan.revisions.open")}
        </button>
        {!head && contentHash !== "" && (
          <button type="button" className="button button-small" aria-label={t("plan.revisions.restoreNamed", { number })} disabled={revert.pending || plan.activeRevisionId !== ""} onClick={() => void revert.run()}>
            {revert.pending ? t("plan.revisions.restoring") : t("plan.revisions.restore")}
          </button>
        )}
        {revisions.length > 1 && contentHash !== "" && (
          <span className="revision-pick" role="group" aria-label={t("plan.revisions.compare")}>
            <button type="button" className="button button-small" aria-pressed={from === revisionId} aria-label={t("plan.revisions.from", { number })} onClick={() => show({ from: revisionId, to })}>
              {t("plan.revisions.fromLabel")}
            </button>
            <button type="button" className="button button-small" aria-pressed={to === revisionId} aria-label={t("plan.revisions.to", { number })} onClick={() => show({ from, to: revisionId })}>
              {t("plan.revisions.toLabel")}
            </button>
          </span>
        )}
      </div>
      {revert.failure && <Refused failure={revert.failure} scope="chat" />}
    </li>
  );
}
