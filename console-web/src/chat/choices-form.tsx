import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Choices, longestInstructions } from "../conversation/choices";
import { namedReplyLanguages } from "../i18n/reply-languages";
import { useModelDefaults, useModels, withChosen } from "../settings/use-model-choices";
import { Combobox } from "../ui/combobox";
import { failureText } from "../ui/failure-text";

interface ChoicesFormProps {
  readonly choices: Choices;
  readonly onChange: (choices: Choices) => void;
}

/** Provider, model, language and instructions; what is left empty follows the preferences. */
export function ChoicesForm({ choices, onChange }: ChoicesFormProps) {
  const { t, i18n } = useTranslation();
  const { preferences, providers, failure } = useModelDefaults();
  const provider = choices.providerId || preferences?.companionProviderId || providers[0]?.providerId || "";
  const models = useModels(provider);
  const id = useId();
  const change = (part: Partial<Choices>) => onChange({ ...choices, ...part });
  const asPreferred = (value: string | undefined) =>
    value === undefined || value === "" ? t("choices.preferred") : t("choices.preferredAs", { value });
  const languages = useMemo(() => namedReplyLanguages(i18n.language), [i18n.language]);
  const usualModel =
    choices.providerId === "" && preferences?.companionModel
      ? preferences.companionModel
      : providers.find(({ providerId }) => providerId === provider)?.defaultModel;
  const left = longestInstructions - [...choices.instructions].length;

  return (
    <div className="choices">
      {failure && (
        <p className="inline-failure" role="alert">
          {failureText(t, failure)}
        </p>
      )}
      <label htmlFor={`${id}-provider`}>{t("choices.provider")}</label>
      <select
        id={`${id}-provider`}
        className="field"
        value={choices.providerId}
        onChange={({ target }) => change({ providerId: target.value })}
      >
        <option value="">{asPreferred(preferences?.companionProviderId || providers[0]?.providerId)}</option>
        {withChosen(providers.map(({ providerId }) => providerId), choices.providerId).map((providerId) => (
          <option key={providerId} value={providerId}>
            {providerId}
          </option>
        ))}
      </select>
      <Combobox
        label={t("choices.model")}
        options={models.names}
        value={choices.model}
        onChange={(model) => change({ model })}
        placeholder={asPreferred(usualModel)}
        describedBy={`${id}-model`}
        maxLength={200}
      />
      <p className="soft small" id={`${id}-model`}>
        {models.failure ? t("choices.noList", { cause: failureText(t, models.failure) }) : t("choices.modelHelp")}
      </p>
      <label htmlFor={`${id}-language`}>{t("choices.language")}</label>
      <select
        id={`${id}-language`}
        className="field"
        value={choices.language}
        onChange={({ target }) => change({ language: target.value })}
      >
        <option value="">{asPreferred(preferences?.companionLanguage || t("choices.ofMessage"))}</option>
        {withChosen([...languages.keys()], choices.language).map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {languages.get(tag) ?? tag}
          </option>
        ))}
      </select>
      <label htmlFor={`${id}-instructions`}>{t("choices.instructions")}</label>
      <textarea
        id={`${id}-instructions`}
        className="field"
        rows={4}
        value={choices.instructions}
        placeholder={preferences?.companionInstructions || t("choices.instructionsExample")}
        aria-describedby={`${id}-left`}
        onChange={({ target }) => change({ instructions: target.value })}
      />
      <p className={left < 0 ? "inline-failure" : "soft small"} id={`${id}-left`}>
        {left < 0
          ? t("chat.over", { count: -left })
          : left < 1000
            ? t("chat.left", { count: left })
            : t("choices.instructionsHelp")}
      </p>
    </div>
  );
}
