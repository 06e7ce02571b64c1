import { Dialog } from "radix-ui";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Plan } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";
import { useReturnFocus } from "../ui/use-return-focus";

interface RenamePlanProps {
  readonly plan: Pick<Plan, "planId" | "title">;
  readonly onClose: () => void;
}

/** Asks for another title of a plan. */
export function RenamePlan({ plan, onClose }: RenamePlanProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const returnFocus = useReturnFocus();
  const [title, setTitle] = useState(plan.title);
  const field = useId();
  const rename = useCall(async () => {
    await clients.plans.updatePlan({ planId: plan.planId, title: title.trim() });
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
          <Dialog.Title className="dialog-title">{t("plan.renameTitle")}</Dialog.Title>
          <form onSubmit={submit}>
            <label htmlFor={field} className="visually-hidden">
              {t("plan.titleField")}
            </label>
            <input id={field} className="field" maxLength={200} value={title} onChange={({ target }) => setTitle(target.value)} onFocus={({ target }) => target.select()} />
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
