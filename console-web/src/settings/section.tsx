import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "../shell/document-title";
import type { SettingsSection } from "./sections";

interface SectionProps {
  readonly section: SettingsSection;
  readonly children: ReactNode;
}

/** One page of the settings under its heading. */
export function Section({ section, children }: SectionProps) {
  const { t } = useTranslation();
  const title = t(`settings.${section}.title`);
  useDocumentTitle(title);
  return (
    <>
      <div className="settings-head">
        <h1>{title}</h1>
        <p className="soft">{t(`settings.${section}.lead`)}</p>
      </div>
      {children}
    </>
  );
}
