import { Dialog } from "radix-ui";
import { type FormEvent, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlanRevision } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useLoaded } from "../ui/use-loaded";
import { useReturnFocus } from "../ui/use-return-focus";
import { mayApprove } from "./approval";
import { errorCount } from "./findings";
import { shortHash } from "./plan-names";

interface DecideDialogProps {
  readonly what: "approve" | "reject";
  readonly revision: PlanRevision;
  readonly onClose: () => void;
}

/** Approves exactly the text that was shown, or rejects it. Nothing else happens with it. */
export function DecideDialog({ what, revision, onClose }: DecideDialogProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const focus = useReturnFocus();
  const id = useId();
  const { planId, revisionId, contentHash } = revision;
  const number = String(revision.number);
  const [note, setNote] = useState("");
  const [accepted, setAccepted] = useState<number>();
  const approving = what === "approve";
  const load = useCallback(
    async (signal: AbortSignal) => (approving ? errorCount((await clients.plans.checkPlan({ planId, revisionId }, { signal })).findings) : 0),
    [clients, planId, revisionId, approving],
  );
  const check = useLoaded(load);
  const errors = check.loading ? undefined : check.value;
  const { reload } = check;
  const decide = useCall(async () => {
    if (approving) {
      await clients.plans.approvePlan({ planId, revisionId, contentHash, note: note.trim(), acceptedErrors: errors ?? 0 });
    } else {
      await clients.plans.rejectPlan({ planId, revisionId, note: note.trim() });
    }
    onClose();
  });
  const ready = !approving || mayApprove({ errors, accepted, pending: decide.pending });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !decide.pending) {
      void decide.run();
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog decide-dialog" {...focus}>
          <Dialog.Title className="dialog-title">{t(approving ? "plan.approve.title" : "plan.approve.rejectTitle", { number })}</Dialog.Title>
          <Dialog.Description className="dialog-text">
            {approving ? t("plan.approve.text", { hash: shortHash(contentHash) }) : t("plan.approve.rejectText")}
          </Dialog.Description>
          <form onSubmit={submit}>
            {approving && check.failure && <Refused failure={check.failure} scope="read" title={t("plan.problems.failed")} onRetry={reload} />}
            {approving && !check.failure && (
              <p className="decide-check" role="status">
                {errors === undefined ? t("plan.approve.checking") : errors === 0 ? t("plan.approve.sound") : t("plan.errors", { count: errors })}
              </p>
            )}
            {approving && errors !== undefined && errors > 0 && (
              <label className="step-tick">
                <input type="checkbox" checked={accepted === errors} onChange={({ target }) => setAccepted(target.checked ? errors : undefined)} /> {t("plan.approve.accept", { count: errors })}
              </label>
            )}
            <label htmlFor={id}>{t("plan.approve.note")}</label>
            <textarea id={id} className="field" rows={3} maxLength={2000} value={note} onChange={({ target }) => setNote(target.value)} />
            {decide.failure && (
              <Refused
                failure={decide.failure}
                scope="review"
                onRetry={
                  decide.failure.is("PLAN_NOT_SOUND")
                    ? () => {
                        decide.forget();
                        reload();
                      }
                    : undefined
                }
              />
            )}
            <div className="dialog-actions">
              <Dialog.Close className="button">{t("dialog.cancel")}</Dialog.Close>
              <button type="submit" className={`button ${approving ? "button-primary" : "button-danger"}`} disabled={!ready || decide.pending}>
                {approving ? t(decide.pending ? "plan.approve.approving" : "plan.approve.confirm") : t(decide.pending ? "plan.approve.rejecting" : "plan.approve.confirmReject")}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
