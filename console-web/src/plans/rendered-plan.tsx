import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CommentState } from "../gen/banto/v1/plans_pb";
import { Markdown } from "../markdown/markdown";
import { Empty } from "../ui/states";
import { usePlan } from "./plan-context";
import { passageIn } from "./comment-place";
import type { PlanNote, PlanStep } from "./plan-document";
import { StepCard } from "./step-card";
import { useFollowEnd } from "./use-follow-end";

/** So many steps are drawn at once; the others follow while the page is idle. */
const atOnce = 25;

/** The plan as people read it, from its structure. */
export function RenderedPlan() {
  const { t } = useTranslation();
  const { document: structure, shown, shownId, search, target, spots, compose } = usePlan();
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

  const open = useMemo(() => {
    const counts = new Map<number, number>();
    for (const { step: number, comment } of spots) {
      if (number !== undefined && comment.state !== CommentState.RESOLVED) {
        counts.set(number, (counts.get(number) ?? 0) + 1);
      }
    }
    return counts;
  }, [spots]);
  const { text, writing } = shown;
  const onComment = useCallback(
    (on: PlanStep) => {
      // A selection in the step is the passage, where it stands in the text just once.
      const quote = selectedIn(document.getElementById(`step-${on.number}`));
      const span = text === undefined ? undefined : passageIn(text, on, quote);
      compose({ step: on.number, span, quote: span ? quote : "", revisionId: shownId });
    },
    [compose, text, shownId],
  );

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
        <StepCard key={one.from} step={one} current={one.number === step} comments={open.get(one.number) ?? 0} onComment={writing ? undefined : onComment} />
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

function selectedIn(element: HTMLElement | null): string {
  const selection = getSelection();
  const node = selection?.anchorNode;
  return element !== null && node && selection && element.contains(node) ? selection.toString() : "";
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
