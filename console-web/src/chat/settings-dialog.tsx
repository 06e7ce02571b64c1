import { Dialog } from "radix-ui";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Choices, longestInstructions, sameChoices } from "../conversation/choices";
import { useReturnFocus } from "../ui/use-return-focus";
import { ChoicesForm } from "./choices-form";
import { PromptPreview } from "./prompt-preview";
import "./settings-dialog.css";

interface SettingsDialogProps {
  readonly conversationId: string | undefined;
  readonly initial: Choices;
  readonly pending?: boolean;
  /** What stood in the way of saving. */
  readonly notice?: ReactNode;
  readonly saveLabel?: string | undefined;
  /** Choices that came from elsewhere while the dialog was open. */
  readonly onSave: (choices: Choices) => void;
  readonly onClose: () => void;
  /** Given by the owner when it has to change what is in the form. */
  readonly choices?: Choices;
  readonly onChange?: (choices: Choices) => void;
}

/** Model, language and instructions of one conversation, with the prompt that they make. */
export function SettingsDialog(props: SettingsDialogProps) {
  const { conversationId, initial, pending, notice, saveLabel, onSave, onClose } = props;
  const { t } = useTranslation();
  const returnFocus = useReturnFocus();
  const [own, setOwn] = useState(initial);
  const choices = props.choices ?? own;
  const change = props.onChange ?? setOwn;
  const dirty = !sameChoices(choices, initial);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A dialog lies in a portal, and yet its events rise to the form around it.
    event.stopPropagation();
    onSave({ ...choices, model: choices.model.trim() });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog dialog-wide"
          {...returnFocus}
          onInteractOutside={(event) => {
            // A slip of the pointer must not cost what was written.
            if (dirty) {
              event.preventDefault();
            }
          }}
        >
          <Dialog.Title className="dialog-title">{t("choices.title")}</Dialog.Title>
          <Dialog.Description className="dialog-text">{t("choices.lead")}</Dialog.Description>
          <form onSubmit={submit}>
            <ChoicesForm choices={choices} onChange={change} />
            <PromptPreview conversationId={conversationId} choices={choices} />
            {notice}
            <div className="dialog-actions">
              <Dialog.Close className="button">{t("dialog.cancel")}</Dialog.Close>
              <button
                type="submit"
                className="button button-primary"
                disabled={pending === true || [...choices.instructions].length > longestInstructions}
              >
                {saveLabel ?? t("dialog.save")}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
