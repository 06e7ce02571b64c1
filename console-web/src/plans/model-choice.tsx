import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useModelDefaults, useModels, withChosen } from "../settings/use-model-choices";
import { Combobox } from "../ui/combobox";
import { failureText } from "../ui/failure-text";

/** Which model is asked. Empty: as in the preferences. */
export interface ModelChosen {
  readonly providerId: string;
  readonly model: string;
}

export const preferredModel: ModelChosen = { providerId: "", model: "" };

interface ModelChoiceProps {
  readonly value: ModelChosen;
  readonly onChange: (value: ModelChosen) => void;
}

/** Provider and model; what is left empty follows the preferences. */
export function ModelChoice({ value, onChange }: ModelChoiceProps) {
  const { t } = useTranslation();
  const { preferences, providers, failure } = useModelDefaults();
  const usual = preferences?.companionProviderId || (providers[0]?.providerId ?? "");
  const provider = value.providerId || usual;
  const models = useModels(provider);
  const id = useId();
  const usualModel = (value.providerId === "" && preferences?.companionModel) || providers.find(({ providerId }) => providerId === provider)?.defaultModel;
  const asPreferred = (name: string | undefined) => (name === undefined || name === "" ? t("choices.preferred") : t("choices.preferredAs", { value: name }));
  return (
    <div className="model-choice">
      {failure && (
        <p className="inline-failure" role="alert">
          {failureText(t, failure)}
        </p>
      )}
      <div className="form-field">
        <label htmlFor={`${id}-provider`}>{t("choices.provider")}</label>
        <select id={`${id}-provider`} className="field" value={value.providerId} onChange={({ target }) => onChange({ providerId: target.value, model: "" })}>
          <option value="">{asPreferred(usual)}</option>
          {withChosen(providers.map(({ providerId }) => providerId), value.providerId).map((providerId) => (
            <option key={providerId} value={providerId}>
              {providerId}
            </option>
          ))}
        </select>
      </div>
      <Combobox
        label={t("choices.model")}
        options={models.names}
        value={value.model}
        onChange={(model) => onChange({ ...value, model })}
        placeholder={asPreferred(usualModel)}
        maxLength={200}
      />
    </div>
  );
}
