import { Pencil, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useCallback, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Template } from "../gen/banto/v1/settings_pb";
import { addPlanTexts } from "../i18n/plan-texts";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { IconButton } from "../ui/icon-button";
import { Empty, Loading, Refused } from "../ui/states";
import { showToast } from "../ui/toast";
import { useCall } from "../ui/use-call";
import { useLoaded } from "../ui/use-loaded";
import { Section } from "./section";
import "./templates.css";

addPlanTexts();

const placeholders = ["plan", "plan_xml", "task", "title", "step", "files", "workspace"] as const;

/** `/settings/templates` */
export function TemplatesSection() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const load = useCallback(async (signal: AbortSignal) => (await clients.settings.listTemplates({}, { signal })).templates, [clients]);
  const { value, failure, reload } = useLoaded<readonly Template[]>(load);
  const [edited, setEdited] = useState<Template | "new">();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const remove = ({ templateId, name }: Template) => {
    const back = () => setHidden((before) => new Set([...before].filter((other) => other !== templateId)));
    setHidden((before) => new Set([...before, templateId]));
    showToast({
      text: t("template.deleted", { name }),
      action: { label: t("toast.undo"), run: back },
      // As a conversation is: the server is told when the way back is gone.
      onLapsed: () =>
        void clients.settings.deleteTemplate({ templateId }).then(reload, (thrown: unknown) => {
          back();
          showToast({ tone: "failed", text: t("template.notDeleted", { name, cause: failureText(t, CallFailure.from(thrown)) }) });
        }),
    });
  };
  const shown = value?.filter(({ templateId }) => !hidden.has(templateId));
  const done = () => {
    setEdited(undefined);
    reload();
  };
  return (
    <Section section="templates">
      <p className="soft small template-help">
        {t("template.placeholders")} {placeholders.map((name) => <code key={name}>{`{{${name}}} `}</code>)}
      </p>
      <button type="button" className="button button-primary" onClick={() => setEdited("new")}>
        <Plus aria-hidden="true" size={16} /> {t("template.new")}
      </button>
      {edited === "new" && <TemplateForm template={undefined} onDone={done} onCancel={() => setEdited(undefined)} />}
      {failure && <Refused failure={failure} scope="read" title={t("template.failed")} onRetry={reload} />}
      {shown === undefined ? !failure && <Loading /> : shown.length === 0 && edited === undefined && <Empty>{t("template.none")}</Empty>}
      <ul className="templates" aria-label={t("template.list")}>
        {(shown ?? []).map((template) => (
          <li key={template.templateId} data-template-id={template.templateId}>
            <p className="template-head">
              <strong>{template.name}</strong>
              <span>
                <IconButton icon={Pencil} label={t("template.edit", { name: template.name })} onClick={() => setEdited(template)} />
                <IconButton icon={Trash2} label={t("template.delete", { name: template.name })} onClick={() => remove(template)} />
              </span>
            </p>
            {edited !== "new" && edited?.templateId === template.templateId ? (
              <TemplateForm template={edited} onDone={done} onCancel={() => setEdited(undefined)} />
            ) : (
              <pre className="template-text">{template.text}</pre>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface TemplateFormProps {
  readonly template: Template | undefined;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

function TemplateForm({ template, onDone, onCancel }: TemplateFormProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const id = useId();
  const [name, setName] = useState(template?.name ?? "");
  const [text, setText] = useState(template?.text ?? "");
  const [theirs, setTheirs] = useState<Template>();
  const version = useRef(template?.version ?? 0n);
  const save = useCall(async () => {
    try {
      await clients.settings.saveTemplate({ templateId: template?.templateId ?? "", expectedVersion: version.current, name: name.trim(), text });
      onDone();
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      const stored = failure.is("VERSION_CONFLICT") ? (await clients.settings.listTemplates({})).templates.find(({ templateId }) => templateId === template?.templateId) : undefined;
      if (stored === undefined) {
        throw failure;
      }
      setTheirs(stored);
    }
  });
  const over = [...text].length > 20_000;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && text !== "" && !over && !save.pending) {
      void save.run();
    }
  };
  return (
    <form className="dialog-form" onSubmit={submit} noValidate>
      <div className="form-field">
        <label htmlFor={`${id}-name`}>{t("template.name")}</label>
        <input id={`${id}-name`} className="field" maxLength={100} value={name} onChange={({ target }) => setName(target.value)} />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-text`}>{t("template.text")}</label>
        <textarea id={`${id}-text`} className="field mono" rows={8} value={text} aria-invalid={over} onChange={({ target }) => setText(target.value)} />
        {over && <p className="inline-failure">{t("chat.over", { count: [...text].length - 20_000 })}</p>}
      </div>
      {save.failure && <Refused failure={save.failure} scope="chat" />}
      {theirs && (
        <div className="conflict" role="alert" data-conflict>
          <p>{t("template.conflict")}</p>
          <pre className="template-text">{`${theirs.name}\n\n${theirs.text}`}</pre>
          <div className="settings-actions">
            <button
              type="button"
              className="button"
              onClick={() => {
                version.current = theirs.version;
                setName(theirs.name);
                setText(theirs.text);
                setTheirs(undefined);
              }}
            >
              {t("template.takeTheirs")}
            </button>
            <button
              type="button"
              className="button"
              onClick={() => {
                version.current = theirs.version;
                setTheirs(undefined);
                void save.run();
              }}
            >
              {t("template.keepMine")}
            </button>
          </div>
        </div>
      )}
      <div className="settings-actions">
        <button type="submit" className="button button-primary" disabled={name.trim() === "" || text === "" || over || save.pending || theirs !== undefined}>
          {save.pending ? t("template.saving") : t("template.save")}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {t("template.cancel")}
        </button>
      </div>
    </form>
  );
}
