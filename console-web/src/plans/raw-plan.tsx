import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type MarkedPassage, XmlView } from "../editor/xml-view";
import { usePlan } from "./plan-context";

const nothing: readonly MarkedPassage[] = [];

/** The text itself. */
export function RawPlan() {
  const { t } = useTranslation();
  const { shown, target, document: structure, search } = usePlan();
  const onSelect = useCallback(() => undefined, []);
  // A step of the address is gone to once its text is there.
  const [first] = useState(search.step);
  const wanted = structure.steps.find(({ number }) => number === first);
  const from = wanted?.from;
  const start = useMemo(() => (from === undefined ? undefined : { span: { from, to: from } }), [from]);
  return (
    <XmlView
      label={t("plan.textLabel")}
      unfold={t("plan.fold")}
      text={shown.text ?? ""}
      generation={shown.generation}
      writing={shown.writing}
      target={target ?? start}
      marked={nothing}
      onSelect={onSelect}
    />
  );
}
