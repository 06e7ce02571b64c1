import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, Loading, Refused } from "../ui/states";
import { ProviderCard } from "./provider-card";
import { Section } from "./section";
import { useProviders } from "./use-providers";

/** `/settings/providers` */
export function ProvidersSection() {
  const { t } = useTranslation();
  const providers = useProviders();
  return (
    <Section section="providers">
      {providers.failure && providers.value === undefined && (
        <Refused failure={providers.failure} scope="read" title={t("settings.providers.failed")} onRetry={providers.reload} />
      )}
      {!providers.failure && providers.value === undefined && <Loading />}
      {providers.value?.length === 0 && (
        <Empty>
          <p>
            {t("settings.providers.none")} <Link to="/welcome">{t("firstRun.how")}</Link>
          </p>
        </Empty>
      )}
      {providers.value && providers.value.length > 0 && (
        <ul className="cards" aria-label={t("settings.providers.title")}>
          {providers.value.map((provider) => (
            <ProviderCard key={provider.providerId} provider={provider} onChecked={providers.reload} />
          ))}
        </ul>
      )}
      <section className="settings-block" aria-labelledby="consent">
        <h2 id="consent">{t("settings.consent.title")}</h2>
        <ul className="bullets">
          <li>{t("settings.consent.typed")}</li>
          <li>{t("settings.consent.local")}</li>
          <li>
            {t("settings.consent.repository")} <Link to="/settings/workspaces">{t("settings.consent.manage")}</Link>
          </li>
          <li>{t("settings.consent.check")}</li>
          <li>{t("settings.consent.guide")}</li>
        </ul>
        {providers.value && providers.value.length > 0 && (
          <dl className="facts destinations">
            {providers.value.map(({ providerId, host, local }) => (
              <div key={providerId} className="destination">
                <dt className="mono">{providerId}</dt>
                <dd>{local ? t("settings.consent.stays", { host: host || t("message.unknown") }) : t("settings.consent.goes", { host: host || t("message.unknown") })}</dd>
              </div>
            ))}
          </dl>
        )}
      </section>
    </Section>
  );
}
