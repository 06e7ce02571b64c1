import { Suspense, lazy, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { useShortcuts } from "../commands/use-shortcuts";

const loadPalette = () => import("../palette/palette");
const loadShortcuts = () => import("../commands/shortcut-sheet");
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));
const ShortcutSheet = lazy(async () => ({ default: (await loadShortcuts()).ShortcutSheet }));

/** By then the page is there, and the palette is when it is asked for. */
const preloadMs = 700;

type Overlay = "palette" | "shortcuts";

/** What opens over any page, by key or by command. Loaded when first asked for. */
export function Overlays() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Overlay>();
  const [wanted, setWanted] = useState<ReadonlySet<Overlay>>(new Set());
  const holder = useRef<Element | null>(null);
  useShortcuts();
  useEffect(() => {
    const timer = setTimeout(() => void Promise.all([loadPalette(), loadShortcuts()]).catch(() => undefined), preloadMs);
    return () => clearTimeout(timer);
  }, []);
  const commands = useMemo((): readonly Command[] => {
    const show = (overlay: Overlay) => {
      holder.current = document.activeElement;
      // Until it is loaded, what is typed must not go into the field below it.
      if (holder.current instanceof HTMLElement) {
        holder.current.blur();
      }
      setWanted((before) => new Set([...before, overlay]));
      setOpen(overlay);
    };
    return [
      { id: "palette", group: "actions", title: t("palette.title"), keys: "mod+k", listed: false, run: () => show("palette") },
      { id: "shortcuts", group: "actions", title: t("shortcuts.title"), keys: "?", run: () => show("shortcuts") },
    ];
  }, [t]);
  useCommands(commands);
  const close = () => setOpen(undefined);
  return (
    <Suspense fallback={null}>
      {wanted.has("palette") && <Palette open={open === "palette"} returnTo={holder} onClose={close} />}
      {wanted.has("shortcuts") && <ShortcutSheet open={open === "shortcuts"} returnTo={holder} onClose={close} />}
    </Suspense>
  );
}
