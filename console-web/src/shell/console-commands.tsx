import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { chooseLanguage, isLanguage, languages } from "../i18n/language";
import { settingsSections } from "../settings/sections";
import { chooseTheme, themes } from "../theme/theme";
import { useNewTask } from "../tasks/use-new-task";
import { chooseWorkspace, useWorkspace } from "../workspaces/current-workspace";
import type { WorkspacesView } from "../workspaces/workspaces-view";
import { useConsole } from "./console-context";

const noWorkspaces: WorkspacesView = [];

/** The commands that hold on every page. */
export function ConsoleCommands() {
  const { t, i18n } = useTranslation();
  const { session } = useConsole();
  const navigate = useNavigate();
  const newTask = useNewTask();
  const { watched, workspace: current, workspaceId } = useWorkspace();
  const workspaces = watched.phase === "ready" ? watched.view : noWorkspaces;
  const commands = useMemo((): readonly Command[] => {
    return [
      { id: "new", group: "actions", title: t("conversations.new"), keys: "g n", run: () => void navigate({ to: "/" }) },
      { id: "new-task", group: "actions", title: t("palette.newTask"), words: t("app.tasks"), keys: "n t", run: () => void newTask({ workspaceId }) },
      { id: "tasks", group: "pages", title: t("app.tasks"), keys: "g t", run: () => void navigate({ to: "/tasks" }) },
      { id: "runtimes", group: "pages", title: t("app.runtimes"), keys: "g r", run: () => void navigate({ to: "/runtimes" }) },
      { id: "jobs", group: "pages", title: t("app.jobs"), keys: "g j", run: () => void navigate({ to: "/jobs" }) },
      { id: "docs", group: "pages", title: t("docs.title"), keys: "g d", run: () => void navigate({ to: "/docs" }) },
      { id: "settings", group: "pages", title: t("app.settings"), keys: "g s", run: () => void navigate({ to: "/settings" }) },
      { id: "welcome", group: "pages", title: t("firstRun.title"), words: t("firstRun.words"), run: () => void navigate({ to: "/welcome" }) },
      ...settingsSections.map(
        (section): Command => ({
          id: `settings ${section}`,
          group: "settings",
          title: t(`settings.${section}.title`),
          words: `${t("app.settings")} ${t(`settings.${section}.words`)}`,
          run: () => void navigate({ to: `/settings/${section}` }),
        }),
      ),
      ...workspaces
        .filter((workspace) => workspace.workspaceId !== current?.workspaceId)
        .map(
          (workspace): Command => ({
            id: `workspace ${workspace.workspaceId}`,
            group: "actions",
            title: t("palette.workspace", { name: workspace.name }),
            run: () => {
              chooseWorkspace(workspace.isDefault ? "" : workspace.workspaceId);
              void navigate({ to: "/tasks" });
            },
          }),
        ),
      ...themes.map(
        (theme): Command => ({
          id: `theme ${theme}`,
          group: "actions",
          title: t("palette.theme", { theme: t(`settings.appearance.${theme}`) }),
          run: () => chooseTheme(theme),
        }),
      ),
      ...Object.entries(languages)
        .filter(([tag]) => tag !== i18n.language)
        .map(
          ([tag, name]): Command => ({
            id: `language ${tag}`,
            group: "actions",
            title: t("palette.language", { language: name }),
            run: () => void (isLanguage(tag) && chooseLanguage(tag)),
          }),
        ),
      { id: "sign-out", group: "actions", title: t("app.signOut"), run: () => session.signOut("signed-out") },
    ];
  }, [t, i18n.language, navigate, session, newTask, workspaces, current, workspaceId]);
  useCommands(commands);
  return null;
}
