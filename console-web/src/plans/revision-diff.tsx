import { Suspense, lazy, useCallback } from "react";
import { useTranslation } from "react-i18next";
import { type DiffRevisionsResponse, type OperationDiff, PartChange, type StepDiff } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { Loading, Refused } from "../ui/states";
import { useLoaded } from "../ui/use-loaded";
import { useNarrow } from "../ui/use-narrow";
import { useFetchedRevision } from "./use-revision-text";

const SideBySide = lazy(async () => ({ default: (await loadPart(() => import("../editor/merge-view"))).SideBySide }));
const UnifiedDiff = lazy(async () => ({ default: (await loadPart(() => import("../editor/unified-diff"))).UnifiedDiff }));

interface RevisionDiffProps {
  readonly from: string;
  readonly to: string;
}

const changes: ReadonlyMap<PartChange, "added" | "removed" | "changed" | "moved"> = new Map([
  [PartChange.ADDED, "added"],
  [PartChange.REMOVED, "removed"],
  [PartChange.CHANGED, "changed"],
  [PartChange.MOVED, "moved"],
]);

const changeName = (change: PartChange) => changes.get(change) ?? "changed";

/** How two revisions differ: what became of the steps, then the texts. */
export function RevisionDiff({ from, to }: RevisionDiffProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const load = useCallback((signal: AbortSignal) => clients.plans.diffRevisions({ fromRevisionId: from, toRevisionId: to }, { signal }), [clients, from, to]);
  const { value, failure, reload } = useLoaded<DiffRevisionsResponse>(load);
  return (
    <div className="revision-diff" data-testid="revision-diff">
      <section aria-label={t("plan.compare.structure")}>
        <h2>{t("plan.compare.structure")}</h2>
        {failure && <Refused failure={failure} scope="read" title={t("plan.compare.failed")} onRetry={reload} />}
        {value === undefined ? !failure && <Loading /> : <Structure value={value} />}
      </section>
      <section aria-label={t("plan.compare.text")}>
        <h2>{t("plan.compare.text")}</h2>
        <Texts from={from} to={to} />
      </section>
    </div>
  );
}

function Structure({ value }: { readonly value: DiffRevisionsResponse }) {
  const { t, i18n } = useTranslation();
  const { steps, fields, addedLines, removedLines, truncated } = value;
  const number = (count: number) => count.toLocaleString(i18n.language);
  return (
    <>
      <p className="soft small">
        {addedLines + removedLines === 0 ? t("plan.compare.same") : t("plan.compare.lines", { added: number(addedLines), removed: number(removedLines) })} {truncated && t("plan.compare.truncated")}
      </p>
      {steps.length === 0 && addedLines + removedLines > 0 && <p>{t("plan.compare.sameStructure")}</p>}
      <ul className="diff-steps">
        {steps.map((step) => (
          <DiffOfStep key={`${step.oldNumber} ${step.newNumber}`} step={step} />
        ))}
      </ul>
      {fields.length > 0 && (
        <p className="small">
          {t("plan.compare.other")} <span className="mono">{fields.join(", ")}</span>
        </p>
      )}
    </>
  );
}

function DiffOfStep({ step }: { readonly step: StepDiff }) {
  const { t } = useTranslation();
  const { change, oldNumber, newNumber, title, fields, operations } = step;
  const numbers = oldNumber > 0 && newNumber > 0 && oldNumber !== newNumber ? t("plan.compare.renumbered", { old: oldNumber, new: newNumber }) : t("plan.compare.stepNumber", { number: newNumber || oldNumber });
  return (
    <li data-change={changeName(change)}>
      <span className="tag diff-change" data-change={changeName(change)}>
        {t(`plan.compare.change.${changeName(change)}`)}
      </span>{" "}
      <strong>{numbers}</strong> {title} {fields.length > 0 && <span className="soft small mono">{fields.join(", ")}</span>}
      {operations.length > 0 && (
        <ul>
          {operations.map((operation) => (
            <DiffOfOperation key={`${operation.type} ${operation.path}`} operation={operation} />
          ))}
        </ul>
      )}
    </li>
  );
}

function DiffOfOperation({ operation }: { readonly operation: OperationDiff }) {
  const { t } = useTranslation();
  const { change, path, type, fields } = operation;
  return (
    <li className="small">
      {t(`plan.compare.change.${changeName(change)}`)}: {type} <span className="mono">{path}</span> {fields.length > 0 && <span className="soft mono">{fields.join(", ")}</span>}
    </li>
  );
}

function Texts({ from, to }: RevisionDiffProps) {
  const { t } = useTranslation();
  const before = useFetchedRevision(from);
  const after = useFetchedRevision(to);
  const narrow = useNarrow("(max-width: 63.99rem)");
  const failure = before.failure ?? after.failure;
  if (before.value === undefined || after.value === undefined) {
    return failure ? (
      <Refused
        failure={failure}
        scope="read"
        title={t("plan.textFailed")}
        onRetry={() => {
          before.reload();
          after.reload();
        }}
      />
    ) : (
      <Loading />
    );
  }
  return before.value.text === after.value.text ? (
    <p className="soft">{t("plan.compare.same")}</p>
  ) : (
    <Suspense fallback={<Loading />}>
      {narrow ? (
        <UnifiedDiff label={t("plan.compare.text")} before={before.value.text} after={after.value.text} />
      ) : (
        <SideBySide oldLabel={t("plan.compare.old")} newLabel={t("plan.compare.new")} before={before.value.text} after={after.value.text} />
      )}
    </Suspense>
  );
}
