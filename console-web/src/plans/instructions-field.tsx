import { useId } from "react";
import { useTranslation } from "react-i18next";
import { longestInstructions } from "./new-plan-draft";

interface InstructionsFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** What a model is to mind. */
export function InstructionsField({ value, onChange }: InstructionsFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const left = value.length < longestInstructions - 1000 ? longestInstructions : longestInstructions - [...value].length;
  return (
    <div className="form-field">
      <label htmlFor={id}>{t("plan.instructions")}</label>
      <textarea id={id} className="field" rows={3} value={value} placeholder={t("plan.instructionsExample")} aria-describedby={`${id}-left`} aria-invalid={left < 0} onChange={({ target }) => onChange(target.value)} />
      <p className={left < 0 ? "inline-failure" : "soft small"} id={`${id}-left`}>
        {left < 0 ? t("chat.over", { count: -left }) : left < 1000 ? t("chat.left", { count: left }) : ""}
      </p>
    </div>
  );
}
