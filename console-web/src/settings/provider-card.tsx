import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Provider, ProviderOrigin, WireFormat } from "../gen/banto/v1/settings_pb";
import { useConsole } from "../shell/console-context";
import { Loading, Refused } from "../ui/states";
import { useLoaded } from "../ui/use-loaded";
import { contextText, priceText } from "./model-detail";
import { ProviderCheck } from "./provider-check";

interface ProviderCardProps {
  readonly provider: Provider;
  readonly onChecked: () => void;
}

const formats = new Map<WireFormat, "openaiChat" | "anthropic" | "gemini">([
  [WireFormat.OPENAI_CHAT, "openaiChat"],
  [WireFormat.ANTHROPIC, "anthropic"],
  [WireFormat.GEMINI, "gemini"],
]);
const origins = new Map<ProviderOrigin, "configuration" | "environment" | "discovered">([
  [ProviderOrigin.CONFIGURATION, "configuration"],
  [ProviderOrigin.ENVIRONMENT, "environment"],
  [ProviderOrigin.DISCOVERED, "discovered"],
]);

export function ProviderCard({ provider, onChecked }: ProviderCardProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { providerId, host, local, defaultModel } = provider;
  const format = formats.get(provider.wireFormat);
  const origin = origins.get(provider.origin);
  return (
    <li className="card" data-provider-id={providerId}>
      <div className="card-head">
        <h2>{providerId}</h2>
        <span className="tag">{local ? t("settings.providers.local") : t("settings.providers.remote")}</span>
      </div>
      <dl className="card-facts">
        <div>
          <dt>{t("settings.providers.host")}</dt>
          <dd className={host === "" ? "soft" : "mono"}>{host || t("message.unknown")}</dd>
        </div>
        <div>
          <dt>{t("settings.providers.format")}</dt>
          <dd>{format ? t(`settings.providers.${format}`) : t("message.unknown")}</dd>
        </div>
        <div>
          <dt>{t("settings.providers.origin")}</dt>
          <dd>{origin ? t(`settings.providers.${origin}`) : t("message.unknown")}</dd>
        </div>
        <div>
          <dt>{t("settings.providers.defaultModel")}</dt>
          <dd className={defaultModel === "" ? "soft" : "mono"}>{defaultModel || t("settings.providers.noDefault")}</dd>
        </div>
      </dl>
      <ProviderCheck provider={provider} onChecked={onChecked} />
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("settings.providers.models")}</summary>
        {open && <Models providerId={providerId} />}
      </details>
    </li>
  );
}

/** As the provider lists them now; asked for only when somebody looks. */
function Models({ providerId }: { readonly providerId: string }) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const [words, setWords] = useState("");
  const load = useCallback(
    async (signal: AbortSignal) => (await clients.settings.listModels({ providerId }, { signal, timeoutMs: 120_000 })).models,
    [clients, providerId],
  );
  const models = useLoaded(load);
  if (models.value === undefined) {
    return models.failure ? (
      <Refused failure={models.failure} scope="read" title={t("settings.providers.modelsFailed")} onRetry={models.reload} />
    ) : (
      <Loading />
    );
  }
  const shown = models.value.filter(({ modelId }) => modelId.toLowerCase().includes(words.trim().toLowerCase()));
  return (
    <>
      {models.value.length > 12 && (
        <input
          type="search"
          className="field model-filter"
          aria-label={t("settings.providers.filterModels")}
          placeholder={t("settings.providers.filterModels")}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      )}
      {shown.length === 0 ? (
        <p className="soft">{t("settings.providers.noModels")}</p>
      ) : (
        // It scrolls, so the keyboard has to reach it.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="table-scroll" tabIndex={0} role="region" aria-label={t("settings.providers.models")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t("settings.field.model")}</th>
                <th scope="col" className="number">
                  {t("settings.providers.context")}
                </th>
                <th scope="col" className="number">
                  {t("settings.providers.price")}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((model) => (
                <tr key={model.modelId}>
                  <td className="mono">{model.modelId}</td>
                  <td className={model.contextWindow === undefined ? "number soft" : "number"}>
                    {contextText(t, model, i18n.language)}
                  </td>
                  <td className={model.price === undefined ? "number soft" : "number"} title={model.price && t("settings.providers.asOf", { day: model.price.asOf })}>
                    {priceText(t, model.price)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
