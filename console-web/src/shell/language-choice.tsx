import { useTranslation } from "react-i18next";
import { chooseLanguage, isLanguage, languages } from "../i18n/language";

export function LanguageChoice() {
  const { t, i18n } = useTranslation();
  return (
    <label className="language-choice">
      <span className="visually-hidden">{t("app.language")}</span>
      <select
        className="field"
        value={i18n.language}
        onChange={({ target }) => {
          if (isLanguage(target.value)) {
            void chooseLanguage(target.value);
          }
        }}
      >
        {Object.entries(languages).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
