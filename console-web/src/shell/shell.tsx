import { Link } from "@tanstack/react-router";
import { Menu, SquarePen } from "lucide-react";
import { type ReactNode, Suspense, lazy, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";
import { ToastRegion } from "../ui/toast";
import { ConnectionNotice } from "./connection-notice";
import "./shell.css";
import { Sidebar } from "./sidebar";

/** The frame of every page: a sidebar, which on a phone is a drawer. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
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
      <main className="content" id="content" tabIndex={-1}>
        <ConnectionNotice />
        {children}
        <ToastRegion />
      </main>
    </div>
  );
}

const loadDrawer = () => import("./drawer");
const Drawer = lazy(async () => ({ default: (await loadDrawer()).Drawer }));

function Topbar() {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
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
        onClick={() => {
          setWanted(true);
          setOpen(true);
        }}
      />
      <span className="brand">{t("app.name")}</span>
      <Link to="/" className="icon-button" aria-label={t("conversations.new")} title={t("conversations.new")}>
        <SquarePen aria-hidden="true" size={16} />
      </Link>
      {wanted && (
        <Suspense fallback={null}>
          <Drawer
            open={open}
            onOpenChange={(next) => {
              setOpen(next);
              if (!next) {
                button.current?.focus();
              }
            }}
          />
        </Suspense>
      )}
    </header>
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
