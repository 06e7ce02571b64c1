import { useTranslation } from "react-i18next";
import "./command-line.css";
import { CopyButton } from "./copy-button";

/** Lines to type elsewhere, with a button that copies them. */
export function CommandLine({ command }: { readonly command: string }) {
  const { t } = useTranslation();
  return (
    <div className="command-line">
      <pre>
        <code>{command}</code>
      </pre>
      <CopyButton text={command} label={t("app.copyCommand")} />
    </div>
  );
}
