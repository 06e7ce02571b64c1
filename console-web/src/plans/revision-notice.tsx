import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { failureKindName, stateName, stateSlug } from "../ui/format";
import { usePlan } from "./plan-context";
import { isPartial } from "./use-revision-text";

/** Says what is special about the text that is shown: it is an old one, or not whole. */
export function RevisionNotice() {
  const { t } = useTranslation();
  const { plan, shown, shownId, search, show } = usePlan();
  const { revision } = shown;
  if (revision === undefined || search.view === "revisions" || search.view === "outcome" || search.view === "history") {
    return null;
  }
  const partial = isPartial(revision);
  const old = search.revision !== undefined && shownId !== plan.headRevisionId && !shown.writing;
  const failure = revision.failure ?? (partial ? plan.failure : undefined);
  return (
    <>
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
