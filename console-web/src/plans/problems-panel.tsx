import { CircleAlert, TriangleAlert } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure, sentence } from "../api/failure";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import type { PlanFinding } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { ByteIndex } from "../tasks/byte-range";
import { Loading, Refused } from "../ui/states";
import { findingSpan, nextFinding, severitySlug } from "./findings";
import { usePlan } from "./plan-context";

/** What is wrong with the text that is shown, saved or not. */
export function ProblemsPanel() {
  const { t } = useTranslation();
  const { checked, checkFailure, search, show, goTo, shown } = usePlan();
  const recheck = useShownCheck();
  const findings = useMemo(() => checked?.findings ?? [], [checked]);
  const spans = useMemo(() => (checked ? findings.map((finding) => findingSpan(checked.index, finding)) : []), [checked, findings]);
  const [current, setCurrent] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const rendered = search.view === undefined;
  const go = (index: number) => {
    const span = spans[index];
    const finding = findings[index];
    if (span && finding) {
      setCurrent(index);
      show({ ...(rendered && { view: "raw" }), ...(finding.step > 0 && { step: finding.step }) }, true);
      goTo(span);
    }
  };
  const step = (by: 1 | -1) => {
    const next = nextFinding(spans, current === undefined ? undefined : spans[current]?.from, by);
    if (next !== undefined) {
      go(next);
      // Where the text that had the focus gives way to another view, it would be lost.
      list.current?.querySelectorAll<HTMLElement>(".problem-open")[next]?.focus({ preventScroll: true });
    }
  };
  const acts = useRef(step);
  useEffect(() => {
    acts.current = step;
  });
  const commands = useMemo((): readonly Command[] => {
    const base = { group: "plans", here: true, listed: false } as const;
    return [
      { ...base, id: "next-problem", keys: ".", title: t("plan.keys.nextProblem"), run: () => acts.current(1) },
      { ...base, id: "previous-problem", keys: ",", title: t("plan.keys.previousProblem"), run: () => acts.current(-1) },
    ];
  }, [t]);
  useCommands(commands);
  if (checkFailure) {
    return <Refused failure={checkFailure} scope="read" title={t("plan.problems.failed")} onRetry={recheck} />;
  }
  if (checked === undefined) {
    return shown.writing ? <p className="soft small">{t("plan.writing")}</p> : <Loading label={t("plan.problems.loading")} />;
  }
  return (
    <>
      {findings.length === 0 && (
        <p className="soft" role="status">
          {t("plan.problems.none")}
        </p>
      )}
      <ol ref={list} className="problems" aria-label={t("plan.problems.title")}>
        {findings.map((finding, index) => (
          <Problem key={`${finding.code} ${String(finding.start)}`} finding={finding} current={index === current} onGo={() => go(index)} />
        ))}
      </ol>
    </>
  );
}

interface ProblemProps {
  readonly finding: PlanFinding;
  readonly current: boolean;
  readonly onGo: () => void;
}

function Problem({ finding, current, onGo }: ProblemProps) {
  const { t } = useTranslation();
  const { search, applyFix, show } = usePlan();
  const { severity, message, line, column, step, fix, code } = finding;
  const slug = severitySlug(severity);
  const Icon = slug === "error" ? CircleAlert : TriangleAlert;
  return (
    <li className="problem" data-code={code} data-finding={slug}>
      <button type="button" className="problem-open" aria-current={current || undefined} onClick={onGo}>
        <span className="problem-severity" data-severity={slug}>
          <Icon aria-hidden="true" size={14} /> {t(slug === "error" ? "plan.problems.error" : "plan.problems.warning")}
        </span>{" "}
        <span className="soft small">
          {t("plan.problems.place", { line, column })}
          {step > 0 && ` · ${t("plan.problems.step", { number: step })}`}
        </span>
        <span className="problem-message" lang="en">
          {sentence(message)}
        </span>
      </button>
      {fix &&
        (search.view === "edit" ? (
          <button type="button" className="button button-small" onClick={() => applyFix?.(fix)}>
            {t("plan.problems.fix", { label: fix.label })}
          </button>
        ) : (
          <p className="soft small">
            {t("plan.problems.fix", { label: fix.label })}. {t("plan.problems.onlyEdit")}{" "}
            <button type="button" className="button button-small" onClick={() => show({ view: "edit", revision: undefined })}>
              {t("plan.view.edit")}
            </button>
          </p>
        ))}
    </li>
  );
}

/** Outside the editor, has the revision that is shown checked. Returns how to do that again. */
function useShownCheck(): () => void {
  const { clients } = useConsole();
  const { plan, search, shown, shownId, setChecked } = usePlan();
  const { planId } = plan;
  const { text, writing } = shown;
  const editing = search.view === "edit";
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (editing || writing || text === undefined) {
      return undefined;
    }
    const abort = new AbortController();
    clients.plans.checkPlan({ planId, revisionId: shownId }, { signal: abort.signal }).then(
      ({ findings }) => abort.signal.aborted || setChecked({ text, index: new ByteIndex(text), findings }),
      (thrown: unknown) => abort.signal.aborted || setChecked(undefined, CallFailure.from(thrown)),
    );
    return () => abort.abort();
  }, [clients, planId, shownId, editing, writing, text, setChecked, round]);
  return () => setRound(round + 1);
}
