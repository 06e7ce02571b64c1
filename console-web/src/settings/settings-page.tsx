import { Link, Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { addSettingsTexts } from "../i18n/settings-texts";
import { settingsSections } from "./sections";
import "./settings.css";

addSettingsTexts();

/** `/settings`: the pages of the settings, one at a time. */
export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <div className="page settings">
      <nav aria-label={t("app.settings")} className="settings-nav">
        <p className="settings-nav-title">{t("app.settings")}</p>
        <ul>
          {settingsSections.map((section) => (
            <li key={section}>
              <Link to={`/settings/${section}`} className="nav-link">
                {t(`settings.${section}.title`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="settings-content">
        <Outlet />
      </div>
    </div>
  );
}
