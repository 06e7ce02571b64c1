import { Link } from "@tanstack/react-router";
import { Menu, SquarePen, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";
import { ConnectionNotice } from "./connection-notice";
import "./shell.css";
import { Sidebar } from "./sidebar";

/** The frame of every page: a sidebar, which on a phone is a drawer. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [drawer, setDrawer] = useState(false);
  const narrow = useNarrow();

  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {t("app.skip")}
      </a>
      {narrow ? (
        <Dialog.Root open={drawer} onOpenChange={setDrawer}>
          <header className="topbar">
            <Dialog.Trigger asChild>
              <IconButton icon={Menu} label={t("app.menu")} />
            </Dialog.Trigger>
            <span className="brand">{t("app.name")}</span>
            <Link to="/" className="icon-button" aria-label={t("conversations.new")} title={t("conversations.new")}>
              <SquarePen aria-hidden="true" size={16} />
            </Link>
          </header>
          <Dialog.Portal>
            <Dialog.Overlay className="overlay" />
            <Dialog.Content className="drawer" aria-describedby={undefined}>
              <Dialog.Title className="visually-hidden">{t("app.navigation")}</Dialog.Title>
              <Sidebar
                close={
                  <Dialog.Close asChild>
                    <IconButton icon={X} label={t("app.closeMenu")} />
                  </Dialog.Close>
                }
                onNavigate={() => setDrawer(false)}
              />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
      ) : (
        <aside className="side">
          <Sidebar />
        </aside>
      )}
      <main className="content" id="content" tabIndex={-1}>
        <ConnectionNotice />
        {children}
      </main>
    </div>
  );
}

const narrowQuery = "(max-width: 47.99rem)";

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => window.matchMedia(narrowQuery).matches);
  useEffect(() => {
    const query = window.matchMedia(narrowQuery);
    const follow = () => setNarrow(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return narrow;
}
