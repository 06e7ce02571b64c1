import { useTranslation } from "react-i18next";
import { FormField } from "./form-field";
import type { FormField as FieldName } from "./preferences-form";
import { PreferencesFrame } from "./preferences-frame";
import { Section } from "./section";

const names = ["promptDays", "eventDays", "conversationDays"] as const satisfies readonly FieldName[];

/** `/settings/retention` */
export function RetentionSection() {
  const { t } = useTranslation();
  return (
    <Section section="retention">
      <PreferencesFrame names={names}>
        {({ form, problems, change }) =>
          names.map((name) => (
            <FormField
              key={name}
              label={t(`settings.field.${name}`)}
              help={t(`settings.retention.${name}Help`)}
              problem={problems[name] && (name === "conversationDays" ? t("settings.retention.noDaysOrNone") : t("settings.retention.noDays"))}
            >
              {(ids) => (
                <div className="unit-field">
                  <input
                    {...ids}
                    className="field"
                    inputMode="numeric"
                    autoComplete="off"
                    placeholder={name === "conversationDays" ? t("settings.retention.forEver") : undefined}
                    value={form[name]}
                    onChange={({ target }) => change(name, target.value)}
                  />
                  <span>{t("settings.retention.days")}</span>
                </div>
              )}
            </FormField>
          ))
        }
      </PreferencesFrame>
    </Section>
  );
}
