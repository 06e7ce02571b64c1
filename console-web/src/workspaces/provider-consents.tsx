import { useTranslation } from "react-i18next";
import type { Provider } from "../gen/banto/v1/settings_pb";
import type { Workspace } from "../gen/banto/v1/workspaces_pb";
import { useConsole } from "../shell/console-context";
import { momentText } from "../ui/format";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";

interface ProviderConsentsProps {
  readonly workspace: Workspace;
  readonly providers: readonly Provider[];
}

/** Who may be sent contents of the workspace, and the way to change that. */
export function ProviderConsents({ workspace, providers }: ProviderConsentsProps) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { workspaceId, name, grants } = workspace;
  const grant = useCall((providerId: string, revoke: boolean) => clients.workspaces.grantProvider({ workspaceId, providerId, revoke }));
  // One that was taken out of the configuration can still be granted.
  const unlisted = grants.map(({ providerId }) => providerId).filter((id) => !providers.some(({ providerId }) => providerId === id));
  if (providers.length === 0 && unlisted.length === 0) {
    return <p className="soft small">{t("settings.workspaces.consentNone")}</p>;
  }
  return (
    <>
      <ul className="consents" aria-label={t("settings.workspaces.consent")}>
        {[...providers.map(({ providerId, host, local }) => ({ providerId, host, local })), ...unlisted.map((providerId) => ({ providerId, host: "", local: false }))].map(
          ({ providerId, host, local }) => {
            const granted = grants.find((other) => other.providerId === providerId);
            const state = local ? "local" : granted ? "granted" : "none";
            return (
              <li key={providerId} className="consent" data-consent-provider={providerId} data-consent={state}>
                <div className="consent-words">
                  <span className="mono">{providerId}</span>
                  {!local && (
                    <span className="badge" data-tone={granted ? "good" : undefined}>
                      {granted ? t("settings.workspaces.allowed") : t("settings.workspaces.notAllowed")}
                    </span>
                  )}
                  <span className="soft small">
                    {local
                      ? t("settings.workspaces.consentLocal")
                      : granted?.grantedAt
                        ? t("settings.workspaces.granted", { by: granted.grantedBy, time: momentText(granted.grantedAt, i18n.language) })
                        : t("settings.workspaces.consentRemote", { host: host || t("message.unknown") })}
                  </span>
                </div>
                {!local && (
                  <button
                    type="button"
                    className="button button-small"
                    disabled={grant.pending}
                    aria-label={t(granted ? "settings.workspaces.takeBackNamed" : "settings.workspaces.allowNamed", { name, provider: providerId })}
                    onClick={() => void grant.run(providerId, granted !== undefined)}
                  >
                    {granted ? t("settings.workspaces.takeBack") : t("settings.workspaces.allow")}
                  </button>
                )}
              </li>
            );
          },
        )}
      </ul>
      {grant.failure && <Refused failure={grant.failure} scope="all" />}
    </>
  );
}
