import { Dialog } from "radix-ui";
import { type FormEvent, type RefObject, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useReturnFocus } from "../ui/use-return-focus";
import { useCall } from "../ui/use-call";

interface RenameDialogProps {
  readonly conversation: Conversation;
  /** The button of the menu that it came from; none: what had the focus. */
  readonly opener?: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly onRenamed: () => void;
}

export function RenameDialog({ conversation, opener, onClose, onRenamed }: RenameDialogProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const returnFocus = useReturnFocus(opener);
  const [title, setTitle] = useState(conversation.title);
  // The version that was seen when the dialog opened, not one that came since.
  const [seen] = useState(conversation.version);
  const field = useId();
  const rename = useCall(async () => {
    await clients.conversations.updateConversation({
      conversationId: conversation.conversationId,
      expectedVersion: seen,
      title: title.trim(),
    });
    onRenamed();
    onClose();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void rename.run();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog" aria-describedby={undefined} {...returnFocus}>
          <Dialog.Title className="dialog-title">{t("conversations.renameTitle")}</Dialog.Title>
          <form onSubmit={submit}>
            <label htmlFor={field} className="visually-hidden">
              {t("conversations.renameLabel")}
            </label>
            <input
              id={field}
              className="field"
              maxLength={200}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
              onFocus={(event) => event.target.select()}
            />
            {rename.failure && (
              <p className="inline-failure" role="alert">
                {failureText(t, rename.failure)}
              </p>
            )}
            <div className="dialog-actions">
              <Dialog.Close className="button">{t("dialog.cancel")}</Dialog.Close>
              <button type="submit" className="button button-primary" disabled={rename.pending || title.trim() === ""}>
                {t("dialog.save")}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
