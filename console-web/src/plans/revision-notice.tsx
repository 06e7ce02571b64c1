import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { failureKindName, stateName, stateSlug } from "../ui/format";
import { usePlan } from "./plan-context";
import { isPartial } from "./use-revision-text";

/** Says what is special about the text that is shown: it is an old one, or not whole. */
export function RevisionNotice() {
  const { t } = useTranslation();
  const { plan, view, shown, shownId, search, show } = usePlan();
  const { revision } = shown;
  if (revision === undefined || search.view === "revisions" || search.view === "outcome" || search.view === "history") {
    return null;
  }
  const partial = isPartial(revision);
  const old = search.revision !== undefined && shownId !== plan.headRevisionId && !shown.writing;
  const failure = revision.failure ?? (partial ? plan.failure : undefined);
  // What a model wrote last and did not end took nobody's place.
  const [last] = view.revisions;
  const left = last && isPartial(last) && last.revisionId !== shownId && last.number > revision.number && search.revision === undefined ? last : undefined;
  return (
    <>
      {left && (
        <p className="plan-notice panel-line" role="note" data-testid="plan-left" data-state={stateSlug(left.state)}>
          <span>
            {t("plan.left", { number: String(left.number), state: stateName(t, left.state) })} {left.failure && `${failureKindName(t, left.failure.kind)}.`}
          </span>
          <button type="button" className="button button-small" onClick={() => show({ revision: left.revisionId })}>
            {t("plan.revisions.openNamed", { number: String(left.number) })}
          </button>
        </p>
      )}
      {partial && (
        <div className="plan-notice" role="note" data-state={stateSlug(revision.state)} data-testid="plan-partial">
          <p>
            <strong>{t("plan.partial", { state: stateName(t, revision.state) })}</strong>{" "}
            {failure && (
              <>
                {failureKindName(t, failure.kind)}. <span lang="en">{sentence(failure.message)}</span>
              </>
            )}
          </p>
          <p className="panel-line">
            <button type="button" className="button button-small" onClick={() => show({ view: "edit", revision: undefined })}>
              {t("plan.repairByHand")}
            </button>
            <button type="button" className="button button-small" onClick={() => show({ side: "changes", view: undefined, revision: undefined })}>
              {t("plan.repairByModel")}
            </button>
          </p>
        </div>
      )}
      {old && (
        <p className="plan-notice panel-line" role="note" data-testid="old-revision">
          {t("plan.oldRevision", { number: String(revision.number), newest: String(plan.version) })}{" "}
          <button type="button" className="button button-small" onClick={() => show({ revision: undefined })}>
            {t("plan.showNewest")}
          </button>
        </p>
      )}
    </>
  );
}
