import { type ReactNode, useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Prompt } from "../gen/banto/v1/settings_pb";
import { addWorkTexts } from "../i18n/work-texts";
import { useConsole } from "../shell/console-context";
import { CopyButton } from "../ui/copy-button";
import { Loading, Refused } from "../ui/states";
import { useLoaded } from "../ui/use-loaded";
import type { PreferencesForm } from "./preferences-form";

addWorkTexts();

/** While somebody types, only what they stop at is rendered. */
async function settled(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 250));
  signal.throwIfAborted();
}

/** Every prompt resource, and what the next request would send of it. */
export function PromptList({ form }: { readonly form: PreferencesForm }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const titleId = useId();
  const load = useCallback(async (signal: AbortSignal) => (await clients.settings.listPrompts({}, { signal })).prompts, [clients]);
  const prompts = useLoaded(load);
  return (
    <section className="settings-block" aria-labelledby={titleId}>
      <h2 id={titleId}>{t("settings.prompts.title")}</h2>
      <p className="soft">{t("settings.prompts.lead")}</p>
      {prompts.value === undefined &&
        (prompts.failure ? (
          <Refused failure={prompts.failure} scope="read" title={t("settings.prompts.failed")} onRetry={prompts.reload} />
        ) : (
          <Loading />
        ))}
      {prompts.value && (
        <ul className="cards">
          {prompts.value.map((prompt) => (
            <PromptItem key={prompt.ref?.name} prompt={prompt} form={form} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface PromptItemProps {
  readonly prompt: Prompt;
  readonly form: PreferencesForm;
}

function PromptItem({ prompt, form }: PromptItemProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const name = prompt.ref?.name ?? "";
  return (
    <li className="card" data-prompt={name}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="mono">{name}</span>
          <span className="soft small">
            {t("settings.prompts.version", { version: prompt.ref?.version ?? 0 })}
            {prompt.overridden && ` · ${t("settings.prompts.overridden")}`}
          </span>
        </summary>
        {open && <Preview prompt={prompt} form={form} />}
      </details>
    </li>
  );
}

/** Rendered as the next request would, unsaved settings tried; the resource itself is below it. */
function Preview({ prompt, form }: PromptItemProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const name = prompt.ref?.name ?? "";
  const { provider, model, language, instructions } = form;
  const load = useCallback(
    async (signal: AbortSignal) => {
      await settled(signal);
      const settings = { providerId: provider, model: model.trim(), language: language.trim(), instructions };
      return (await clients.settings.renderPrompt({ name, settings }, { signal })).text;
    },
    [clients, name, provider, model, language, instructions],
  );
  const rendered = useLoaded(load);
  return (
    <div className="prompt-preview">
      <ExactBlock title={t("settings.prompts.preview")} text={rendered.value}>
        {rendered.failure && <Refused failure={rendered.failure} scope="read" onRetry={rendered.reload} />}
      </ExactBlock>
      <ExactBlock title={t("settings.prompts.template")} text={prompt.template} />
    </div>
  );
}

interface ExactBlockProps {
  readonly title: string;
  readonly text: string | undefined;
  readonly children?: ReactNode;
}

function ExactBlock({ title, text, children }: ExactBlockProps) {
  const { t } = useTranslation();
  return (
    <div className="exact-block">
      <div className="exact-block-head">
        <h3>{title}</h3>
        {text !== undefined && <CopyButton text={text} label={t("job.copyPrompt")} />}
      </div>
      {children}
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      {text !== undefined && <pre tabIndex={0}>{text}</pre>}
    </div>
  );
}
