import { useTranslation } from "react-i18next";
import { FormField } from "./form-field";
import { nanoUsd } from "./nano-usd";
import type { FormField as FieldName } from "./preferences-form";
import { PreferencesFrame } from "./preferences-frame";
import { Section } from "./section";

const names: readonly FieldName[] = ["dailyLimit"];

/** `/settings/spending` */
export function SpendingSection() {
  const { t, i18n } = useTranslation();
  return (
    <Section section="spending">
      <PreferencesFrame names={names}>
        {({ form, problems, change }) => {
          const limit = nanoUsd(form.dailyLimit);
          return (
            <FormField
              label={t("settings.field.dailyLimit")}
              problem={problems.dailyLimit && t("settings.spending.noAmount")}
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
                    value={form.dailyLimit}
                    onChange={({ target }) => change("dailyLimit", target.value)}
                  />
                </div>
              )}
            </FormField>
          );
        }}
      </PreferencesFrame>
      <p className="soft settings-block">{t("settings.spending.how")}</p>
    </Section>
  );
}
