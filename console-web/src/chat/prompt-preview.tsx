import { useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Choices } from "../conversation/choices";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useDebounced } from "../ui/use-debounced";
import { useLoaded } from "../ui/use-loaded";

/** A pause in typing, after which the prompt is rendered again. */
const pauseMs = 300;

interface PromptPreviewProps {
  /** Undefined: a conversation that has not begun. */
  readonly conversationId: string | undefined;
  readonly choices: Choices;
}

/** The system prompt exactly as the next request would have it; nothing is sent. */
export function PromptPreview({ conversationId, choices }: PromptPreviewProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [open, setOpen] = useState(false);
  const id = useId();

  const settings = useDebounced(choices, pauseMs);
  const load = useCallback(
    async (signal: AbortSignal) =>
      open
        ? clients.settings.renderPrompt({ name: "companion/system", ...(conversationId !== undefined && { conversationId }), settings }, { signal })
        : undefined,
    [clients, open, conversationId, settings],
  );
  const { value: rendered, failure } = useLoaded(load);

  return (
    <div className="prompt-preview">
      <button type="button" className="button button-small" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {open ? t("choices.hidePrompt") : t("choices.showPrompt")}
      </button>
      <section id={id} aria-label={t("choices.prompt")} hidden={!open}>
        {failure && (
          <p className="inline-failure" role="alert">
            {failureText(t, failure)}
          </p>
        )}
        {rendered && (
          <>
            <p className="soft small">
              {t("choices.promptHelp")}{" "}
              {rendered.ref && t("choices.promptResource", { name: rendered.ref.name, version: rendered.ref.version })}
            </p>
            {/* It scrolls, so the keyboard has to reach it. */}
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <pre tabIndex={0}>{rendered.text}</pre>
          </>
        )}
      </section>
    </div>
  );
}
