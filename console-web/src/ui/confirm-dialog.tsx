import { AlertDialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { useReturnFocus } from "./use-return-focus";

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly failure?: string | undefined;
  readonly pending?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ open, title, text, action, failure, pending, onConfirm, onClose }: ConfirmDialogProps) {
  const { t } = useTranslation();
  const focus = useReturnFocus();
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog" {...focus}>
          <AlertDialog.Title className="dialog-title">{title}</AlertDialog.Title>
          <AlertDialog.Description className="dialog-text">{text}</AlertDialog.Description>
          {failure !== undefined && (
            <p className="inline-failure" role="alert">
              {failure}
            </p>
          )}
          <div className="dialog-actions">
            <AlertDialog.Cancel className="button">{t("dialog.cancel")}</AlertDialog.Cancel>
            <button type="button" className="button button-danger" disabled={pending} onClick={onConfirm}>
              {action}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
