import { memo, useCallback, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNarrow } from "../ui/use-narrow";
import { usePlan } from "./plan-context";
import type { PlanStep } from "./plan-document";

/** The steps with their operations, and the way to each. On a phone it is a choice above the text. */
export function PlanOutline({ steps }: { readonly steps: readonly PlanStep[] }) {
  const { t } = useTranslation();
  const { search, show, goTo } = usePlan();
  const narrow = useNarrow("(max-width: 63.99rem)");
  const id = useId();
  const list = useRef<HTMLOListElement>(null);
  const current = search.step;
  const go = (step: PlanStep) => {
    show({ step: step.number }, true);
    goTo(step);
  };
  const latest = useRef({ steps, show, goTo });
  useEffect(() => {
    latest.current = { steps, show, goTo };
  });
  const goAt = useCallback((index: number, operation: number | undefined) => {
    const { steps: known, show: change, goTo: goToSpan } = latest.current;
    const step = known[index];
    if (step) {
      change({ step: step.number }, true);
      goToSpan((operation === undefined ? undefined : step.operations[operation]) ?? step);
    }
  }, []);
  useEffect(() => {
    list.current?.querySelector("[aria-current='step']")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  if (narrow) {
    return (
      <div className="plan-outline-choice">
        <label htmlFor={id}>{t("plan.outline")}</label>
        <select
          id={id}
          className="field"
          value={current ?? ""}
          onChange={({ target }) => {
            const step = steps.find(({ number }) => String(number) === target.value);
            if (step) {
              go(step);
            }
          }}
        >
          <option value="">{steps.length === 0 ? t("plan.noSteps") : t("plan.chooseStep", { count: steps.length })}</option>
          {steps.map(({ number, title, from }) => (
            <option key={from} value={number}>
              {number}. {title}
            </option>
          ))}
        </select>
      </div>
    );
  }
  return (
    <nav className="plan-outline" aria-label={t("plan.outline")}>
      {steps.length === 0 && <p className="soft small">{t("plan.noSteps")}</p>}
      <ol ref={list}>
        {steps.map((step, index) => (
          // Steps are known by their places; what they are made of changes while it is written.
          // oxlint-disable-next-line react/no-array-index-key
          <OutlineStep key={index} index={index} number={step.number} title={step.title} operations={operationLines(step)} current={step.number === current} onGo={goAt} />
        ))}
      </ol>
    </nav>
  );
}

/** Type and path of each operation, one a line: the same text is the same outline. */
function operationLines({ operations }: PlanStep): string {
  return operations.map(({ type, path }) => `${type.replaceAll("\n", " ")} ${path.replaceAll("\n", " ")}`).join("\n");
}

interface OutlineStepProps {
  readonly index: number;
  readonly number: number;
  readonly title: string;
  readonly operations: string;
  readonly current: boolean;
  readonly onGo: (index: number, operation: number | undefined) => void;
}

/** A plan may have hundreds of steps, and one of them changes with a key. */
const OutlineStep = memo(function OutlineStep({ index, number, title, operations, current, onGo }: OutlineStepProps) {
  const { t } = useTranslation();
  return (
    <li data-step={number} className="outline-item">
      <button type="button" className="outline-step" aria-current={current ? "step" : undefined} onClick={() => onGo(index, undefined)}>
        <span className="outline-number">{number}</span>
        <span className="outline-title">{title || t("plan.untitledStep")}</span>
      </button>
      {operations !== "" && (
        <ul>
          {operations.split("\n").map((line, at) => {
            const type = line.slice(0, line.indexOf(" "));
            const path = line.slice(type.length + 1);
            return (
              // Operations are known by their places as well.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={at}>
                <button type="button" className="outline-operation small" title={path} onClick={() => onGo(index, at)}>
                  <span className="outline-type" data-type={type}>
                    {type || "?"}
                  </span>
                  {/* Cut at its beginning, because its end says more. */}
                  <span className="mono outline-path">
                    <bdi>{path}</bdi>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
});
