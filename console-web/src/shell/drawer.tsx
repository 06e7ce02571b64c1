import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";
import { Sidebar } from "./sidebar";

interface DrawerProps {
  readonly open: boolean;
  /** It was opened for its search. */
  readonly searching: boolean;
  /** The button that opens it. */
  readonly opener: RefObject<HTMLElement | null>;
  readonly onOpenChange: (open: boolean) => void;
}

/** The sidebar of a narrow page, over it. */
export function Drawer({ open, searching, opener, onOpenChange }: DrawerProps) {
  const { t } = useTranslation();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="drawer"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            const field = searching && event.currentTarget instanceof HTMLElement && event.currentTarget.querySelector("[role='searchbox']");
            if (field instanceof HTMLElement) {
              event.preventDefault();
              field.focus();
            }
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // A page that was gone to has taken the focus already.
            if (document.activeElement === document.body) {
              opener.current?.focus();
            }
          }}
        >
          <Dialog.Title className="visually-hidden">{t("app.navigation")}</Dialog.Title>
          <Sidebar
            close={
              <Dialog.Close asChild>
                <IconButton icon={X} label={t("app.closeMenu")} />
              </Dialog.Close>
            }
            onNavigate={() => onOpenChange(false)}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
