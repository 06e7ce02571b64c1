import { Link, useRouterState } from "@tanstack/react-router";
import { BookOpen, ListChecks, LogOut, MessageSquare, ScrollText, Search, Server, Settings, SquarePen } from "lucide-react";
import { type ReactNode, use } from "react";
import { useTranslation } from "react-i18next";
import { ConversationNavigator } from "../chat/conversation-navigator";
import { KeyCaps } from "../commands/key-caps";
import { CommandContext } from "../commands/use-commands";
import { IconButton } from "../ui/icon-button";
import { useConsole } from "./console-context";
import { LanguageChoice } from "./language-choice";

interface SidebarProps {
  readonly close?: ReactNode;
  readonly onNavigate?: () => void;
}

export function Sidebar({ close, onNavigate }: SidebarProps) {
  const { t } = useTranslation();
  const { session } = useConsole();
  const registry = use(CommandContext);
  const follow = onNavigate && { onClick: onNavigate };
  // A plan belongs to its task, whatever its address.
  const inPlans = useRouterState({ select: ({ location }) => location.pathname.startsWith("/plans/") });
  return (
    <div className="sidebar">
      <div className="sidebar-head">
        <img src="/banto.svg" alt="" width="22" height="22" />
        <span className="brand">{t("app.name")}</span>
        {close}
      </div>
      {close === undefined && (
        <div className="palette-entry">
          <button
            type="button"
            className="palette-button"
            aria-label={t("palette.title")}
            aria-keyshortcuts="Control+K Meta+K"
            onClick={() => registry.commands.find(({ id }) => id === "palette")?.run()}
          >
            <Search aria-hidden="true" size={15} />
            <span>{t("palette.short")}</span>
          </button>
          {/* Beside the button, whose name it is no part of. */}
          <span className="palette-keys" aria-hidden="true">
            <KeyCaps keys="mod+k" />
          </span>
        </div>
      )}
      <nav aria-label={t("app.navigation")}>
        <ul className="nav-list">
          <li>
            <Link to="/" className="nav-link" activeOptions={{ exact: true }} {...follow}>
              <SquarePen aria-hidden="true" size={16} /> {t("conversations.new")}
            </Link>
          </li>
          <li>
            <Link to="/tasks" className="nav-link" {...(inPlans && { "aria-current": "true" as const })} {...follow}>
              <ListChecks aria-hidden="true" size={16} /> {t("app.tasks")}
            </Link>
          </li>
          <li>
            <Link to="/runtimes" className="nav-link" {...follow}>
              <Server aria-hidden="true" size={16} /> {t("app.runtimes")}
            </Link>
          </li>
          <li>
            <Link to="/jobs" className="nav-link" {...follow}>
              <ScrollText aria-hidden="true" size={16} /> {t("app.jobs")}
            </Link>
          </li>
          <li>
            <Link to="/docs" className="nav-link" {...follow}>
              <BookOpen aria-hidden="true" size={16} /> {t("docs.title")}
            </Link>
          </li>
          <li>
            <Link to="/settings" className="nav-link" {...follow}>
              <Settings aria-hidden="true" size={16} /> {t("app.settings")}
            </Link>
          </li>
        </ul>
      </nav>
      <section className="sidebar-conversations" aria-labelledby="sidebar-conversations">
        <h2 id="sidebar-conversations" className="sidebar-title">
          <MessageSquare aria-hidden="true" size={14} /> {t("conversations.title")}
        </h2>
        <ConversationNavigator {...(onNavigate && { onNavigate })} />
      </section>
      <div className="sidebar-foot">
        <LanguageChoice />
        <IconButton icon={LogOut} label={t("app.signOut")} onClick={() => session.signOut("signed-out")} />
      </div>
    </div>
  );
}
