import { useEffect, useId, useRef } from "react";
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
        {steps.map((step) => (
          <li key={step.from} data-step={step.number}>
            <button type="button" className="outline-step" aria-current={step.number === current ? "step" : undefined} onClick={() => go(step)}>
              <span className="outline-number">{step.number}</span>
              <span className="outline-title">{step.title || t("plan.untitledStep")}</span>
            </button>
            {step.operations.length > 0 && (
              <ul>
                {step.operations.map((operation) => (
                  <li key={operation.from}>
                    <button
                      type="button"
                      className="outline-operation small"
                      title={operation.path}
                      onClick={() => {
                        show({ step: step.number }, true);
                        goTo(operation);
                      }}
                    >
                      <span className="outline-type" data-type={operation.type}>
                        {operation.type || "?"}
                      </span>
                      <span className="mono outline-path">{operation.path}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
