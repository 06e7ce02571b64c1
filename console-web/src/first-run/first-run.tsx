import { useId } from "react";
import { useTranslation } from "react-i18next";
import { addSettingsTexts } from "../i18n/settings-texts";
import { AnswerSource, type WorkerInfo } from "../gen/banto/v1/worker_pb";
import { ProviderCheck } from "../settings/provider-check";
import { useProviders } from "../settings/use-providers";
import { CommandLine } from "../ui/command-line";
import { Loading, Refused } from "../ui/states";
import "../settings/settings.css";
import "./first-run.css";

addSettingsTexts();

interface FirstRunProps {
  readonly companion: WorkerInfo | undefined;
  /** Puts a message into the composer; sending it is for the person. */
  readonly onTry: (text: string) => void;
}

const ways = ["environment", "file", "ollama"] as const;

const commands = {
  environment: "export OPENAI_API_KEY=your-key\nbanto serve",
  file: '[[providers]]\nid = "local"\nwire_format = "openai_chat"\nbase_url = "http://127.0.0.1:8000/v1"\nmodel = "qwen3-8b"',
  ollama: "ollama pull qwen3:8b\nbanto serve",
} as const satisfies Record<(typeof ways)[number], string>;

/** What works already, what a model would add, how to connect one, what to say first. */
export function FirstRun({ companion, onTry }: FirstRunProps) {
  const { t } = useTranslation();
  const id = useId();
  const guided = companion === undefined || companion.answerSource === AnswerSource.GUIDE;
  const tries = guided ? (["guideModels", "guideSafe", "guideApi"] as const) : (["modelExplain", "modelDraft", "modelCompare"] as const);
  return (
    <div className="first-run">
      <section aria-labelledby={`${id}-try`}>
        <h2 id={`${id}-try`}>{t("firstRun.try")}</h2>
        <ul className="tries">
          {tries.map((name) => (
            <li key={name}>
              <button type="button" className="button try" onClick={() => onTry(t(`firstRun.${name}`))}>
                {t(`firstRun.${name}`)}
              </button>
            </li>
          ))}
        </ul>
      </section>
      <div className="first-run-columns">
        <section aria-labelledby={`${id}-works`}>
          <h2 id={`${id}-works`}>{t("firstRun.works")}</h2>
          <ul className="bullets">
            <li>{guided ? t("firstRun.worksGuide") : t("firstRun.worksModel", { model: companion.model, provider: companion.providerId })}</li>
            <li>{t("firstRun.worksHistory")}</li>
            <li>{t("firstRun.worksApi")}</li>
          </ul>
        </section>
        <section aria-labelledby={`${id}-adds`}>
          <h2 id={`${id}-adds`}>{t("firstRun.adds")}</h2>
          <ul className="bullets">
            <li>{t("firstRun.addsAnswers")}</li>
            <li>{t("firstRun.addsLooks")}</li>
            <li>{t("firstRun.addsNot")}</li>
          </ul>
        </section>
      </div>
      <Connect titleId={`${id}-connect`} />
    </div>
  );
}

function Connect({ titleId }: { readonly titleId: string }) {
  const { t } = useTranslation();
  const providers = useProviders();
  const known = providers.value ?? [];
  return (
    <section aria-labelledby={titleId}>
      <h2 id={titleId}>{known.length > 0 ? t("firstRun.connected") : t("firstRun.connect")}</h2>
      {providers.value === undefined &&
        (providers.failure ? <Refused failure={providers.failure} scope="read" onRetry={providers.reload} /> : <Loading />)}
      {known.map((provider) => (
        <div key={provider.providerId} className="first-run-provider" data-provider-id={provider.providerId}>
          <span className="mono">{provider.providerId}</span>
          <ProviderCheck provider={provider} onChecked={providers.reload} />
        </div>
      ))}
      {providers.value && known.length === 0 && <p className="soft">{t("firstRun.connectLead")}</p>}
      {ways.map((way) => (
        <details key={way} open={known.length === 0 && way === "environment"}>
          <summary>{t(`firstRun.${way}`)}</summary>
          <CommandLine command={commands[way]} />
          <p className="soft small">{t(`firstRun.${way}Help`)}</p>
        </details>
      ))}
      {providers.value && known.length === 0 && (
        <p className="first-run-again">
          <button type="button" className="button button-small" disabled={providers.loading} onClick={providers.reload}>
            {t("firstRun.lookAgain")}
          </button>
          <span className="soft small">{t("firstRun.lookHelp")}</span>
        </p>
      )}
    </section>
  );
}
