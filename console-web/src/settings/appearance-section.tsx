import { useTranslation } from "react-i18next";
import { LanguageChoice } from "../shell/language-choice";
import { chooseTheme, themes } from "../theme/theme";
import { useTheme } from "../theme/use-theme";
import { Section } from "./section";

/** `/settings/appearance`: choices of this browser, which take effect at once. */
export function AppearanceSection() {
  const { t } = useTranslation();
  const chosen = useTheme();
  return (
    <Section section="appearance">
      <div className="settings-form">
        <fieldset className="choice-group">
          <legend>{t("settings.appearance.theme")}</legend>
          {themes.map((theme) => (
            <label key={theme} className="choice">
              <input type="radio" name="theme" value={theme} checked={chosen === theme} onChange={() => chooseTheme(theme)} />
              {t(`settings.appearance.${theme}`)}
            </label>
          ))}
        </fieldset>
        <div className="form-field">
          <span>{t("app.language")}</span>
          <LanguageChoice />
        </div>
        <p className="soft">{t("settings.appearance.motion")}</p>
      </div>
    </Section>
  );
}
