import { Link } from "@tanstack/react-router";
import { useCallback, useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { longestInstructions } from "../conversation/choices";
import type { Provider } from "../gen/banto/v1/settings_pb";
import { namedReplyLanguages } from "../i18n/reply-languages";
import { useConsole } from "../shell/console-context";
import { Combobox } from "../ui/combobox";
import { useLoaded } from "../ui/use-loaded";
import { failureText } from "../ui/failure-text";
import { FormField } from "./form-field";
import { modelDetail } from "./model-detail";
import type { FormField as FieldName } from "./preferences-form";
import { PreferencesFrame } from "./preferences-frame";
import { PromptList } from "./prompt-list";
import { Section } from "./section";
import type { PreferencesFields } from "./use-preferences";
import { useProviders } from "./use-providers";

const names: readonly FieldName[] = ["provider", "model", "language", "instructions"];

/** `/settings/companion` */
export function CompanionSection() {
  const providers = useProviders();
  return (
    <Section section="companion">
      <PreferencesFrame names={names} below={PromptList}>
        {(fields) => <CompanionFields fields={fields} providers={providers.value ?? []} />}
      </PreferencesFrame>
    </Section>
  );
}

function CompanionFields({ fields, providers }: { readonly fields: PreferencesFields; readonly providers: readonly Provider[] }) {
  const { t, i18n } = useTranslation();
  const { form } = fields;
  const known = providers.some(({ providerId }) => providerId === form.provider);
  const id = useId();
  const languages = useMemo(() => namedReplyLanguages(i18n.language), [i18n.language]);
  return (
    <>
      <FormField label={t("settings.field.provider")} help={t("settings.companion.providerHelp")}>
        {(ids) => (
          <select {...ids} className="field" value={form.provider} onChange={({ target }) => fields.change("provider", target.value)}>
            <option value="">{t("settings.companion.firstUsable")}</option>
            {providers.map(({ providerId, host }) => (
              <option key={providerId} value={providerId}>
                {providerId} · {host}
              </option>
            ))}
            {!known && form.provider !== "" && (
              <option value={form.provider}>{t("settings.companion.unknownProvider", { id: form.provider })}</option>
            )}
          </select>
        )}
      </FormField>
      <ModelField fields={fields} providers={providers} />
      <div className="form-field">
        <Combobox
          label={t("settings.field.language")}
          value={form.language}
          options={[...languages.keys()]}
          detailOf={(tag) => languages.get(tag)}
          placeholder={t("settings.companion.languageOfMessage")}
          describedBy={`${id}-language`}
          onChange={(value) => fields.change("language", value)}
        />
        <p className="soft small" id={`${id}-language`}>
          {t("settings.companion.languageHelp")}
        </p>
      </div>
      <FormField
        label={t("settings.field.instructions")}
        help={t("settings.companion.instructionsHelp", { count: longestInstructions })}
        problem={fields.problems.instructions && t("settings.companion.instructionsTooLong", { count: longestInstructions })}
      >
        {(ids) => (
          <textarea
            {...ids}
            className="field"
            rows={6}
            value={form.instructions}
            onChange={({ target }) => fields.change("instructions", target.value)}
          />
        )}
      </FormField>
    </>
  );
}

/** Models of the chosen provider, as it lists them now; any other name can be typed. */
function ModelField({ fields, providers }: { readonly fields: PreferencesFields; readonly providers: readonly Provider[] }) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { form } = fields;
  const providerId = form.provider || (providers.find(({ failure }) => failure === undefined)?.providerId ?? "");
  const provider = providers.find((candidate) => candidate.providerId === providerId);
  const load = useCallback(
    async (signal: AbortSignal) =>
      providerId === "" ? [] : (await clients.settings.listModels({ providerId }, { signal })).models,
    [clients, providerId],
  );
  const models = useLoaded(load);
  const id = useId();
  const known = models.value ?? [];
  const detailOf = (name: string) => {
    const model = known.find(({ modelId }) => modelId === name);
    return model && modelDetail(t, model, i18n.language);
  };
  return (
    <div className="form-field">
      <Combobox
        label={t("settings.field.model")}
        value={form.model}
        options={known.map(({ modelId }) => modelId)}
        detailOf={detailOf}
        placeholder={provider?.defaultModel ? t("settings.companion.defaultModel", { model: provider.defaultModel }) : t("settings.companion.providersDefault")}
        describedBy={`${id}-model`}
        onChange={(value) => fields.change("model", value)}
      />
      <p className="soft small" id={`${id}-model`}>
        {models.failure ? (
          <>
            {t("settings.companion.modelsFailed")} {failureText(t, models.failure)}{" "}
            <Link to="/settings/providers">{t("settings.companion.openProviders")}</Link>
          </>
        ) : (
          t("settings.companion.modelHelp")
        )}
      </p>
    </div>
  );
}
