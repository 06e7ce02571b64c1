import { useTranslation } from "react-i18next";
import { addTaskTexts } from "../i18n/task-texts";
import { finderModes } from "../workflows/finder-modes";
import { FormField } from "./form-field";
import { nanoUsd } from "./nano-usd";
import type { FormField as FieldName } from "./preferences-form";
import { PreferencesFrame } from "./preferences-frame";
import { Section } from "./section";

addTaskTexts();

const names: readonly FieldName[] = ["dailyLimit", "taskLimit", "finderMode"];
const limits = ["dailyLimit", "taskLimit"] as const;

/** `/settings/spending` */
export function SpendingSection() {
  const { t, i18n } = useTranslation();
  return (
    <Section section="spending">
      <PreferencesFrame names={names}>
        {({ form, problems, change }) => (
          <>
            {limits.map((name) => {
              const limit = nanoUsd(form[name]);
              return (
                <FormField
                  key={name}
                  label={t(`settings.field.${name}`)}
                  problem={problems[name] && t("settings.spending.noAmount")}
                  help={
                    limit === undefined
                      ? t("settings.spending.noLimit")
                      : t("settings.spending.exactly", { nano: limit.toLocaleString(i18n.language) })
                  }
                >
                  {(ids) => (
                    <div className="unit-field">
                      <span aria-hidden="true">$</span>
                      <input
                        {...ids}
                        className="field"
                        inputMode="decimal"
                        autoComplete="off"
                        placeholder={t("settings.spending.placeholder")}
                        value={form[name]}
                        onChange={({ target }) => change(name, target.value)}
                      />
                    </div>
                  )}
                </FormField>
              );
            })}
            <FormField label={t("settings.field.finderMode")} help={t("settings.spending.finderHelp")}>
              {(ids) => (
                <select {...ids} className="field" value={form.finderMode} onChange={({ target }) => change("finderMode", target.value)}>
                  <option value="">{t("settings.spending.finderAuto")}</option>
                  {finderModes.map(([, name]) => (
                    <option key={name} value={name}>
                      {t(`finder.modes.${name}`)}
                    </option>
                  ))}
                </select>
              )}
            </FormField>
          </>
        )}
      </PreferencesFrame>
      <p className="soft settings-block">{t("settings.spending.how")}</p>
    </Section>
  );
}
