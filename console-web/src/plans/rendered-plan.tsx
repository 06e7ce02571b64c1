import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "../markdown/markdown";
import { Empty } from "../ui/states";
import { usePlan } from "./plan-context";
import type { PlanNote } from "./plan-document";
import { StepCard } from "./step-card";
import { useFollowEnd } from "./use-follow-end";

/** So many steps are drawn at once; the others follow while the page is idle. */
const atOnce = 25;

/** The plan as people read it, from its structure. */
export function RenderedPlan() {
  const { t } = useTranslation();
  const { document: structure, shown, search, target } = usePlan();
  const { agentInstructions, notes, steps } = structure;
  const box = useRef<HTMLDivElement>(null);
  const drawn = useGrowing(steps.length, Math.max(atOnce, search.step ?? 0));
  useFollowEnd(box, shown.writing, structure);

  const step = search.step;
  const wanted = useRef<string>(undefined);
  useEffect(() => {
    const from = target?.span.from;
    const name = `${step ?? ""} ${from ?? ""}`;
    if (wanted.current === name || (step === undefined && from === undefined)) {
      return;
    }
    const element = (from === undefined ? null : box.current?.querySelector(`[data-from="${from}"]`)) ?? (step === undefined ? null : box.current?.querySelector(`#step-${step}`));
    if (element) {
      wanted.current = name;
      element.scrollIntoView({ block: "start" });
    }
  }, [step, target, drawn]);

  return (
    <div className="rendered-plan" ref={box} data-testid="rendered-plan" data-writing={shown.writing || undefined}>
      {agentInstructions.trim() !== "" && (
        <section className="step-card" aria-labelledby="agent-instructions">
          <h2 id="agent-instructions">{t("plan.agentInstructions")}</h2>
          <Markdown text={agentInstructions} complete={!shown.writing} />
        </section>
      )}
      <Notes notes={notes} />
      {steps.slice(0, drawn).map((one) => (
        <StepCard key={one.from} step={one} current={one.number === step} comments={0} onComment={undefined} />
      ))}
      {shown.writing && (
        <p className="plan-writing soft">
          <span className="spinner" aria-hidden="true" /> {t("plan.writing")}
        </p>
      )}
      {!shown.writing && steps.length === 0 && <Empty>{t("plan.noStepsRead")}</Empty>}
    </div>
  );
}

/** What was merged, and where the sources disagree. */
function Notes({ notes }: { readonly notes: readonly PlanNote[] }) {
  const { t } = useTranslation();
  const merged = notes.filter(({ kind }) => kind !== "answer");
  return (
    merged.length > 0 && (
      <section className="step-card" aria-labelledby="plan-sources">
        <h2 id="plan-sources">{t("plan.sources")}</h2>
        <ul className="step-list">
          {merged.map(({ kind, attributes, text }, index) => (
            // Notes never change their places.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <strong>
                {kind === "source"
                  ? (attributes["id"] ?? "")
                  : t("plan.conflictIn", { sources: attributes["sources"] ?? "", step: attributes["step"] ?? "?" })}
              </strong>{" "}
              {text}
            </li>
          ))}
        </ul>
      </section>
    )
  );
}

/** Grows to `count` while nothing else is to do. */
function useGrowing(count: number, first: number): number {
  const [drawn, setDrawn] = useState(first);
  useEffect(() => {
    if (drawn >= count) {
      return undefined;
    }
    const timer = setTimeout(() => setDrawn((before) => before + atOnce), 30);
    return () => clearTimeout(timer);
  }, [drawn, count]);
  return Math.max(drawn, first);
}
