import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { Dialog } from "radix-ui";
import { useCallback, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ExportFormat, type ExportPlanResponse } from "../gen/banto/v1/plans_pb";
import type { Template } from "../gen/banto/v1/settings_pb";
import { useConsole } from "../shell/console-context";
import { CommandLine } from "../ui/command-line";
import { CopyButton } from "../ui/copy-button";
import { saveFile } from "../ui/save-file";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useLoaded } from "../ui/use-loaded";
import { useReturnFocus } from "../ui/use-return-focus";
import { usePlan } from "./plan-context";

const formats = [
  [ExportFormat.XML, "xml"],
  [ExportFormat.MARKDOWN, "markdown"],
  [ExportFormat.CLAUDE_CODE, "claude"],
  [ExportFormat.CODEX, "codex"],
  [ExportFormat.CURSOR, "cursor"],
  [ExportFormat.GEMINI_CLI, "gemini"],
  [ExportFormat.AIDER, "aider"],
] as const;

/** More than this in the page helps nobody; what is copied and downloaded is whole. */
const shownCharacters = 20_000;

/** Writes the revision that is shown out for people or for a coding agent. */
export function ExportPlan({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { plan, shownId, document: structure } = usePlan();
  const { planId } = plan;
  const focus = useReturnFocus();
  const id = useId();
  const [choice, setChoice] = useState("markdown");
  const [step, setStep] = useState(0);
  const loadTemplates = useCallback(async (signal: AbortSignal) => (await clients.settings.listTemplates({}, { signal })).templates, [clients]);
  const templates = useLoaded<readonly Template[]>(loadTemplates);
  const format = formats.find(([, name]) => name === choice)?.[0] ?? ExportFormat.TEMPLATE;
  const xml = format === ExportFormat.XML;
  // Who takes a plan is recorded, so it is taken when somebody says so.
  const [taken, setTaken] = useState<ExportPlanResponse>();
  const take = useCall(async () => {
    setTaken(undefined);
    setTaken(await clients.plans.exportPlan({ planId, revisionId: shownId, format, templateId: format === ExportFormat.TEMPLATE ? choice : "", step: xml ? 0 : step }));
  });
  const { forget } = take;
  const choose = (change: () => void) => {
    change();
    setTaken(undefined);
    forget();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-wide export-dialog" aria-describedby={undefined} {...focus}>
          <Dialog.Title className="dialog-title">{t("plan.export.title")}</Dialog.Title>
          <div className="export-choices">
            <div className="form-field">
              <label htmlFor={`${id}-format`}>{t("plan.export.format")}</label>
              <select id={`${id}-format`} className="field" value={choice} onChange={({ target }) => choose(() => setChoice(target.value))}>
                {formats.map(([, name]) => (
                  <option key={name} value={name}>
                    {t(`plan.export.format_${name}`)}
                  </option>
                ))}
                {(templates.value ?? []).map(({ templateId, name }) => (
                  <option key={templateId} value={templateId}>
                    {t("plan.export.template", { name })}
                  </option>
                ))}
              </select>
            </div>
            <div className="form-field">
              <label htmlFor={`${id}-step`}>{t("plan.export.step")}</label>
              <select id={`${id}-step`} className="field" value={xml ? 0 : step} disabled={xml} onChange={({ target }) => choose(() => setStep(Number(target.value)))}>
                <option value={0}>{t("plan.export.allSteps")}</option>
                {structure.steps.map(({ number, title, from }) => (
                  <option key={from} value={number}>
                    {t("plan.export.oneStep", { number, title })}
                  </option>
                ))}
              </select>
            </div>
          </div>
          {take.failure && <Refused failure={take.failure} scope="read" title={t("plan.export.failed")} />}
          {taken && <Exported value={taken} />}
          <div className="dialog-actions">
            <Link to="/settings/templates" className="button" onClick={onClose}>
              {t("plan.export.manage")}
            </Link>
            <Dialog.Close className="button">{t("dialog.close")}</Dialog.Close>
            <button type="button" className={taken ? "button" : "button button-primary"} disabled={take.pending || taken !== undefined} onClick={() => void take.run()}>
              {t(take.pending ? "plan.export.taking" : "plan.export.take")}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Exported({ value }: { readonly value: ExportPlanResponse }) {
  const { t } = useTranslation();
  const { text, fileName, mediaType, commandLine, approved } = value;
  return (
    <div data-testid="exported">
      <p className="panel-line">
        <span role="status" className={approved ? "small" : "small export-unapproved"}>{t(approved ? "plan.export.approved" : "plan.export.notApproved")}</span>
        <CopyButton text={text} label={t("plan.export.copy")} />
        <button type="button" className="button button-small" onClick={() => saveFile(fileName, mediaType, text)}>
          <Download aria-hidden="true" size={14} /> {t("plan.export.download", { name: fileName })}
        </button>
      </p>
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="export-text" tabIndex={0} aria-label={t("plan.export.text")}>
        {text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text}
      </pre>
      {commandLine !== "" && (
        <section aria-label={t("plan.export.command")}>
          <h3>{t("plan.export.command")}</h3>
          <CommandLine command={commandLine} />
        </section>
      )}
    </div>
  );
}
