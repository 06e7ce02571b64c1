import { Suspense, lazy, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { useShortcuts } from "../commands/use-shortcuts";

const Palette = lazy(async () => ({ default: (await import("../palette/palette")).Palette }));
const ShortcutSheet = lazy(async () => ({ default: (await import("../commands/shortcut-sheet")).ShortcutSheet }));

type Overlay = "palette" | "shortcuts";

/** What opens over any page, by key or by command. Loaded when first asked for. */
export function Overlays() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Overlay>();
  const [wanted, setWanted] = useState<ReadonlySet<Overlay>>(new Set());
  useShortcuts();
  const commands = useMemo((): readonly Command[] => {
    const show = (overlay: Overlay) => {
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
      {wanted.has("palette") && <Palette open={open === "palette"} onClose={close} />}
      {wanted.has("shortcuts") && <ShortcutSheet open={open === "shortcuts"} onClose={close} />}
    </Suspense>
  );
}
