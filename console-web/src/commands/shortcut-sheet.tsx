import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";
import { ShortcutList } from "./shortcut-list";

/** What the keys do here, over the page. */
export function ShortcutSheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-wide" aria-describedby={undefined}>
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
