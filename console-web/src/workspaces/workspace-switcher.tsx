import { Link } from "@tanstack/react-router";
import { Settings2 } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { chooseWorkspace, useWorkspace } from "./current-workspace";

/** In which workspace one works, and the way to another. */
export function WorkspaceSwitcher() {
  const { t } = useTranslation();
  const { watched, workspace } = useWorkspace();
  const id = useId();
  // Its place is kept until the workspaces are known.
  const view = watched.phase === "ready" ? watched.view : [];
  return (
    <div className="workspace-switcher">
      <label htmlFor={id} className="soft small">
        {t("workspace.current")}
      </label>
      <select
        id={id}
        className="field"
        value={workspace?.workspaceId ?? ""}
        disabled={watched.phase !== "ready"}
        onChange={({ target }) => chooseWorkspace(view.some(({ workspaceId, isDefault }) => isDefault && workspaceId === target.value) ? "" : target.value)}
      >
        {workspace === undefined && <option value="">{watched.phase === "ready" ? t("workspace.none") : t("error.loading")}</option>}
        {view.map(({ workspaceId, name }) => (
          <option key={workspaceId} value={workspaceId}>
            {name}
          </option>
        ))}
      </select>
      <Link to="/settings/workspaces" className="icon-button" aria-label={t("workspace.manage")} title={t("workspace.manage")}>
        <Settings2 aria-hidden="true" size={16} />
      </Link>
    </div>
  );
}
