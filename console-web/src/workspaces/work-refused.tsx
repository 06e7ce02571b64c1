import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { CallFailure } from "../api/failure";
import { Refused } from "../ui/states";

interface WorkRefusedProps {
  readonly failure: CallFailure;
  readonly title?: string;
}

/** A piece of work that was refused, with the way on that there is: a model, a folder, another token. */
export function WorkRefused({ failure, title }: WorkRefusedProps) {
  const { t } = useTranslation();
  if (failure.is("MODEL_REQUIRED")) {
    return (
      <p className="work-refused" role="alert" data-reason={failure.reason}>
        {t("workspace.modelRequired")} <Link to="/welcome">{t("firstRun.how")}</Link>
      </p>
    );
  }
  if (failure.is("WORKSPACE_EMPTY")) {
    return (
      <p className="work-refused" role="alert" data-reason={failure.reason}>
        {t("workspace.folderNeeded")} <Link to="/settings/workspaces">{t("workspace.addFolder")}</Link>
      </p>
    );
  }
  return <Refused failure={failure} scope="chat" {...(title !== undefined && { title })} />;
}
