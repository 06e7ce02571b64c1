import { FolderGit2, FolderX, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type CallFailure, sentence } from "../api/failure";
import type { Provider } from "../gen/banto/v1/settings_pb";
import type { Root, Workspace } from "../gen/banto/v1/workspaces_pb";
import { useConsole } from "../shell/console-context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { failureText } from "../ui/failure-text";
import { IconButton } from "../ui/icon-button";
import { Refused } from "../ui/states";
import { showToast } from "../ui/toast";
import { useCall } from "../ui/use-call";
import { chooseWorkspace } from "../workspaces/current-workspace";
import { ProviderConsents } from "../workspaces/provider-consents";
import { FormField } from "./form-field";
import { violationOf } from "./violation";

interface WorkspaceCardProps {
  readonly workspace: Workspace;
  /** This browser works in it. */
  readonly current: boolean;
  readonly providers: readonly Provider[];
}

interface Change {
  readonly name?: string;
  readonly isDefault?: boolean;
  readonly addRootPaths?: string[];
  readonly removeRootNames?: string[];
}

/** One open workspace: its folders, what may be sent where, and what can be done with it. */
export function WorkspaceCard({ workspace, current, providers }: WorkspaceCardProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { workspaceId, name, isDefault, roots, version } = workspace;
  const [form, setForm] = useState<"rename" | "add-root">();
  const [closing, setClosing] = useState(false);
  const update = useCall(async (change: Change) => {
    await clients.workspaces.updateWorkspace({ workspaceId, expectedVersion: version, ...change });
    setForm(undefined);
  });
  const close = useCall(async () => {
    await clients.workspaces.closeWorkspace({ workspaceId });
    setClosing(false);
    if (current) {
      chooseWorkspace("");
    }
    showToast({ text: t("settings.workspaces.closedToast", { name }) });
  });
  const show = (next: typeof form) => {
    update.forget();
    setForm(form === next ? undefined : next);
  };
  return (
    <li className="card workspace" data-workspace-id={workspaceId} data-default={isDefault || undefined} data-current={current || undefined}>
      <div className="card-head">
        <h2>{name}</h2>
        {isDefault && <span className="tag">{t("settings.workspaces.default")}</span>}
        {current ? (
          <span className="tag">{t("settings.workspaces.inUse")}</span>
        ) : (
          <button
            type="button"
            className="button button-small card-command"
            aria-label={t("settings.workspaces.useNamed", { name })}
            onClick={() => chooseWorkspace(isDefault ? "" : workspaceId)}
          >
            {t("settings.workspaces.use")}
          </button>
        )}
      </div>
      {roots.length === 0 ? (
        <p className="soft">{t("settings.workspaces.noRoots")}</p>
      ) : (
        <ul className="roots" aria-label={t("settings.workspaces.roots")}>
          {roots.map((root, index) => (
            <RootLine
              key={root.name}
              root={root}
              first={index === 0 && roots.length > 1}
              onRemove={index === 0 && roots.length > 1 ? undefined : () => void update.run({ removeRootNames: [root.name] })}
            />
          ))}
        </ul>
      )}
      {form === "rename" && (
        <OneField
          label={t("settings.workspaces.renameTitle")}
          submit={t("dialog.save")}
          start={name}
          maxLength={100}
          problem={violationOf(update.failure, "name")}
          pending={update.pending}
          onSubmit={(text) => void update.run({ name: text })}
          onCancel={() => show(undefined)}
        />
      )}
      {form === "add-root" && (
        <OneField
          label={t("settings.workspaces.path")}
          help={t("settings.workspaces.pathHelp")}
          submit={t("settings.workspaces.addRootSubmit")}
          start=""
          mono
          maxLength={4096}
          problem={violationOf(update.failure, "add_root_paths")}
          pending={update.pending}
          onSubmit={(text) => void update.run({ addRootPaths: [text] })}
          onCancel={() => show(undefined)}
        />
      )}
      <UpdateFailure failure={update.failure} />
      <div className="settings-actions">
        <button type="button" className="button button-small" aria-expanded={form === "add-root"} aria-label={t("settings.workspaces.addRootNamed", { name })} onClick={() => show("add-root")}>
          {t("settings.workspaces.addRoot")}
        </button>
        <button type="button" className="button button-small" aria-expanded={form === "rename"} aria-label={t("settings.workspaces.renameNamed", { name })} onClick={() => show("rename")}>
          {t("settings.workspaces.rename")}
        </button>
        {!isDefault && (
          <>
            <button
              type="button"
              className="button button-small"
              disabled={update.pending}
              aria-label={t("settings.workspaces.makeDefaultNamed", { name })}
              onClick={() => void update.run({ isDefault: true })}
            >
              {t("settings.workspaces.makeDefault")}
            </button>
            <button type="button" className="button button-small" aria-label={t("settings.workspaces.closeNamed", { name })} onClick={() => setClosing(true)}>
              {t("settings.workspaces.close")}
            </button>
          </>
        )}
      </div>
      <div className="workspace-consent">
        <h3>{t("settings.workspaces.consent")}</h3>
        <ProviderConsents workspace={workspace} providers={providers} />
      </div>
      <ConfirmDialog
        open={closing}
        title={t("settings.workspaces.closeTitle", { name })}
        text={t("settings.workspaces.closeText")}
        action={t("settings.workspaces.close")}
        pending={close.pending}
        failure={close.failure && (close.failure.is("SCOPE_DENIED") ? t("error.forbidden", { scope: "all" }) : failureText(t, close.failure))}
        onConfirm={() => void close.run()}
        onClose={() => {
          close.forget();
          setClosing(false);
        }}
      />
    </li>
  );
}

/** What is wrong with a field stands beside it; the rest stands here. */
function UpdateFailure({ failure }: { readonly failure: CallFailure | undefined }) {
  const { t } = useTranslation();
  if (failure === undefined || violationOf(failure, "name") !== undefined || violationOf(failure, "add_root_paths") !== undefined) {
    return null;
  }
  return failure.is("VERSION_CONFLICT") ? (
    <p className="inline-failure" role="alert">
      {t("settings.workspaces.changed")}
    </p>
  ) : (
    <Refused failure={failure} scope="all" />
  );
}

interface RootLineProps {
  readonly root: Root;
  readonly first: boolean;
  readonly onRemove: (() => void) | undefined;
}

function RootLine({ root, first, onRemove }: RootLineProps) {
  const { t } = useTranslation();
  const Icon = root.problem === "" ? FolderGit2 : FolderX;
  return (
    <li className="root" data-root={root.name} data-problem={root.problem !== "" || undefined}>
      <Icon aria-hidden="true" size={16} />
      <div className="root-words">
        <span className="root-name">{root.name}</span>
        {first && <span className="tag">{t("settings.workspaces.first")}</span>}
        {root.git ? (
          <span className="soft small">
            {root.branch === "" ? t("settings.workspaces.detached") : root.branch} ·{" "}
            {root.headCommit === "" ? t("settings.workspaces.noCommit") : <span className="mono" title={root.headCommit}>{root.headCommit.slice(0, 10)}</span>}
          </span>
        ) : (
          <span className="soft small">{t("settings.workspaces.noGit")}</span>
        )}
        {root.problem !== "" && <span className="inline-failure root-problem">{sentence(root.problem)}</span>}
      </div>
      {onRemove && <IconButton icon={X} label={t("settings.workspaces.removeRoot", { name: root.name })} onClick={onRemove} />}
    </li>
  );
}

interface OneFieldProps {
  readonly label: string;
  readonly help?: string;
  readonly submit: string;
  readonly start: string;
  readonly mono?: boolean;
  readonly maxLength: number;
  readonly problem: string | undefined;
  readonly pending: boolean;
  readonly onSubmit: (text: string) => void;
  readonly onCancel: () => void;
}

function OneField({ label, help, submit, start, mono, maxLength, problem, pending, onSubmit, onCancel }: OneFieldProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(start);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "" && !pending) {
      onSubmit(text.trim());
    }
  };
  return (
    <form className="settings-form" onSubmit={send} noValidate>
      <FormField label={label} help={help} problem={problem}>
        {(ids) => (
          <input
            {...ids}
            // It was asked for just now, and is the only thing to do next.
            // oxlint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            className={mono === true ? "field mono" : "field"}
            autoComplete="off"
            spellCheck={false}
            maxLength={maxLength}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        )}
      </FormField>
      <div className="settings-actions">
        <button type="submit" className="button button-small button-primary" disabled={pending || text.trim() === ""}>
          {submit}
        </button>
        <button type="button" className="button button-small" onClick={onCancel}>
          {t("dialog.cancel")}
        </button>
      </div>
    </form>
  );
}
