import { type FormEvent, type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "../gen/banto/v1/workspaces_pb";
import { useConsole } from "../shell/console-context";
import { Refused } from "../ui/states";
import { showToast } from "../ui/toast";
import { useCall } from "../ui/use-call";
import { FormField } from "./form-field";
import { violationOf } from "./violation";

interface OpenFolderProps {
  readonly field: RefObject<HTMLInputElement | null>;
  /** A closed workspace whose folder is asked for. */
  readonly reopening: Workspace | undefined;
  readonly onOpened: () => void;
}

/** Opens a folder of the server as a workspace. */
export function OpenFolder({ field, reopening, onOpened }: OpenFolderProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [path, setPath] = useState("");
  const [name, setName] = useState(reopening?.name ?? "");
  const [missing, setMissing] = useState(false);
  const open = useCall(async () => {
    const { workspace, opened } = await clients.workspaces.openWorkspace({ path: path.trim(), name: name.trim() });
    showToast({ text: t(opened ? "settings.workspaces.openedToast" : "settings.workspaces.wasOpenToast", { name: workspace?.name ?? "" }) });
    setPath("");
    setName("");
    onOpened();
  });
  useEffect(() => {
    if (reopening !== undefined) {
      field.current?.focus();
    }
  }, [reopening, field]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(path.trim() === "");
    if (path.trim() !== "" && !open.pending) {
      void open.run();
    }
  };
  const wrongPath = missing ? t("settings.workspaces.pathEmpty") : violationOf(open.failure, "path");
  const wrongName = violationOf(open.failure, "name");
  const beside = wrongPath !== undefined || wrongName !== undefined;
  return (
    <section className="settings-block" aria-labelledby="open-folder">
      <h2 id="open-folder">{t("settings.workspaces.open")}</h2>
      <form className="settings-form" onSubmit={submit} noValidate>
        <FormField
          label={t("settings.workspaces.path")}
          help={reopening ? t("settings.workspaces.reopenHelp") : t("settings.workspaces.pathHelp")}
          problem={wrongPath}
        >
          {(ids) => (
            <input
              {...ids}
              ref={field}
              className="field mono"
              autoComplete="off"
              spellCheck={false}
              maxLength={4096}
              value={path}
              onChange={({ target }) => {
                setPath(target.value);
                setMissing(false);
                open.forget();
              }}
            />
          )}
        </FormField>
        <FormField label={t("settings.workspaces.name")} help={t("settings.workspaces.nameHelp")} problem={wrongName}>
          {(ids) => (
            <input {...ids} className="field" autoComplete="off" maxLength={100} value={name} onChange={({ target }) => setName(target.value)} />
          )}
        </FormField>
        {open.failure && !beside && <Refused failure={open.failure} scope="all" title={t("settings.workspaces.notOpened")} />}
        <div className="settings-actions">
          <button type="submit" className="button button-primary" disabled={open.pending}>
            {open.pending ? t("settings.workspaces.opening") : t("settings.workspaces.openSubmit")}
          </button>
        </div>
      </form>
    </section>
  );
}
