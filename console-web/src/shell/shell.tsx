import { Link } from "@tanstack/react-router";
import { Menu, Search, SquarePen } from "lucide-react";
import { type ReactNode, Suspense, lazy, use, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CommandContext, useCommands } from "../commands/use-commands";
import { IconButton } from "../ui/icon-button";
import { ToastRegion } from "../ui/toast";
import { useNarrow } from "../ui/use-narrow";
import { useWorkspace } from "../workspaces/current-workspace";
import { ConnectionNotice } from "./connection-notice";
import { ConsoleCommands } from "./console-commands";
import { useConsole } from "./console-context";
import { OpenConversation } from "./open-conversation";
import { Overlays } from "./overlays";
import "./shell.css";
import { Sidebar } from "./sidebar";
import { useRouteFocus } from "./use-route-focus";
import { useWaitingReplies, useWaitingSearches } from "./waiting";

/** The frame of every page: a sidebar, which on a phone is a drawer. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const narrow = useNarrow(narrowQuery);
  const main = useRef<HTMLElement>(null);
  useRouteFocus(main);
  useWaitingReplies(feed);
  useWaitingSearches(feed, useWorkspace().workspaceId);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      {narrow ? (
        <Topbar />
      ) : (
        <aside className="side">
          <Sidebar />
        </aside>
      )}
      <main className="content" id="content" tabIndex={-1} ref={main}>
        <ConnectionNotice />
        {children}
        <ToastRegion />
      </main>
      <ConsoleCommands />
      <OpenConversation />
      <Overlays />
    </div>
  );
}

const loadDrawer = () => import("./drawer");
const Drawer = lazy(async () => ({ default: (await loadDrawer()).Drawer }));

function Topbar() {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const [open, setOpen] = useState(false);
  const [searching, setSearching] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const registry = use(CommandContext);
  const show = useCallback((search: boolean) => {
    setSearching(search);
    setWanted(true);
    setOpen(true);
  }, []);
  // The search lives in the drawer, which has to open first.
  const commands = useMemo(
    () => [{ id: "search", group: "actions", title: t("conversations.search"), keys: "/", run: () => show(true) } as const],
    [t, show],
  );
  useCommands(commands);
  return (
    <header className="topbar">
      <IconButton
        ref={button}
        icon={Menu}
        label={t("app.menu")}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPointerDown={() => void loadDrawer()}
        onFocus={() => void loadDrawer()}
        onClick={() => show(false)}
      />
      <span className="brand">{t("app.name")}</span>
      <IconButton
        icon={Search}
        label={t("palette.title")}
        className="topbar-palette"
        onClick={() => registry.commands.find(({ id }) => id === "palette")?.run()}
      />
      <Link to="/" className="icon-button" aria-label={t("conversations.new")} title={t("conversations.new")}>
        <SquarePen aria-hidden="true" size={16} />
      </Link>
      {wanted && (
        <Suspense fallback={null}>
          <Drawer
            open={open}
            searching={searching}
            opener={button}
            onOpenChange={setOpen}
          />
        </Suspense>
      )}
    </header>
  );
}

const narrowQuery = "(max-width: 47.99rem)";
