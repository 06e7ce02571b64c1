import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";
import { useReturnFocus } from "../ui/use-return-focus";
import { ShortcutList } from "./shortcut-list";

interface ShortcutSheetProps {
  readonly open: boolean;
  /** What had the focus before the sheet was asked for. */
  readonly returnTo: RefObject<Element | null>;
  readonly onClose: () => void;
}

/** What the keys do here, over the page. */
export function ShortcutSheet({ open, returnTo, onClose }: ShortcutSheetProps) {
  const { t } = useTranslation();
  const focus = useReturnFocus(returnTo);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-wide" aria-describedby={undefined} {...focus}>
          <div className="dialog-head">
            <Dialog.Title className="dialog-title">{t("shortcuts.title")}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon={X} label={t("dialog.close")} />
            </Dialog.Close>
          </div>
          <ShortcutList />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
