import { Dialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { addTaskTexts } from "../i18n/task-texts";
import { useProviders } from "../settings/use-providers";
import { useConsole, useWatched } from "../shell/console-context";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useReturnFocus } from "../ui/use-return-focus";

addTaskTexts();

interface ConsentDialogProps {
  readonly workspaceId: string;
  readonly providerId: string;
  /** It is allowed now: what was refused can be done again. */
  readonly onAllowed: () => void;
  readonly onClose: () => void;
}

/** Asks before contents of a workspace go to a provider for the first time. */
export function ConsentDialog({ workspaceId, providerId, onAllowed, onClose }: ConsentDialogProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const focus = useReturnFocus();
  const providers = useProviders();
  const workspaces = useWatched({ kind: "workspaces" });
  const workspace = workspaces.phase === "ready" ? workspaces.view.find((candidate) => candidate.workspaceId === workspaceId) : undefined;
  const host = providers.value?.find((provider) => provider.providerId === providerId)?.host;
  const grant = useCall(async () => {
    await clients.workspaces.grantProvider({ workspaceId, providerId });
    onAllowed();
  });
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog" {...focus}>
          <Dialog.Title className="dialog-title">{t("workspace.consentTitle", { provider: providerId })}</Dialog.Title>
          <Dialog.Description className="dialog-text">
            {t("workspace.consentText", { workspace: workspace?.name ?? "", host: host ?? providerId })}
          </Dialog.Description>
          <p className="dialog-text">{t("workspace.consentNever")}</p>
          <p className="dialog-text">{t("workspace.consentAgain")}</p>
          {grant.failure && <Refused failure={grant.failure} scope="all" />}
          <div className="dialog-actions">
            <Dialog.Close className="button">{t("dialog.cancel")}</Dialog.Close>
            <button type="button" className="button button-primary" disabled={grant.pending} onClick={() => void grant.run()}>
              {grant.pending ? t("workspace.allowing") : t("workspace.allow")}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
