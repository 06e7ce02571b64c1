import { type ComponentType, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Loading, Refused } from "../ui/states";
import type { FormField, PreferencesForm } from "./preferences-form";
import { type PreferencesFields, usePreferences } from "./use-preferences";

interface PreferencesFrameProps {
  /** The fields that are shown and saved here; a constant. */
  readonly names: readonly FormField[];
  readonly children: (fields: PreferencesFields) => ReactNode;
  /** What stands below the form and follows it. */
  readonly below?: ComponentType<{ readonly form: PreferencesForm }>;
}

/** A form over some of the preferences: loading, changing, saving, conflicts. */
export function PreferencesFrame({ names, children, below: Below }: PreferencesFrameProps) {
  const { t } = useTranslation();
  const { fields, failure, reload } = usePreferences(names);
  if (fields === undefined) {
    return failure ? <Refused failure={failure} scope="read" title={t("settings.failed")} onRetry={reload} /> : <Loading />;
  }
  const blocked = Object.keys(fields.problems).length > 0 || fields.conflicts.length > 0;
  return (
    <>
      <form
        className="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (fields.changed && !blocked && !fields.saving) {
            void fields.save();
          }
        }}
      >
        {children(fields)}
        {fields.conflicts.map((field) => (
          <Conflict key={field} field={field} fields={fields} />
        ))}
        {fields.failure && <Refused failure={fields.failure} scope="all" title={t("settings.notSaved")} />}
        <div className="settings-actions">
          <button type="submit" className="button button-primary" disabled={!fields.changed || blocked || fields.saving}>
            {fields.saving ? t("settings.saving") : t("dialog.save")}
          </button>
          <button type="button" className="button" disabled={!fields.changed || fields.saving} onClick={fields.discard}>
            {t("settings.discard")}
          </button>
          <span className="soft small" role="status">
            {fields.saved ? t("settings.saved") : fields.changed ? t("settings.unsaved") : ""}
          </span>
        </div>
      </form>
      {Below && <Below form={fields.form} />}
    </>
  );
}

/** Both values side by side; neither is lost before somebody has chosen. */
function Conflict({ field, fields }: { readonly field: FormField; readonly fields: PreferencesFields }) {
  const { t } = useTranslation();
  const id = useId();
  const shown = (value: string) => (value === "" ? t("settings.emptyValue") : value);
  return (
    <section className="conflict" role="alert" aria-labelledby={id} data-conflict={field}>
      <p id={id}>
        <strong>{t("settings.conflict", { field: t(`settings.field.${field}`) })}</strong>
      </p>
      <dl>
        <dt>{t("settings.theirs")}</dt>
        <dd>{shown(fields.stored[field])}</dd>
        <dt>{t("settings.mine")}</dt>
        <dd>{shown(fields.form[field])}</dd>
      </dl>
      <div className="settings-actions">
        <button type="button" className="button button-small" onClick={() => fields.keepMine(field)}>
          {t("settings.keepMine")}
        </button>
        <button type="button" className="button button-small" onClick={() => fields.takeTheirs(field)}>
          {t("settings.takeTheirs")}
        </button>
      </div>
    </section>
  );
}
