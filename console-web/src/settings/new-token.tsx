import { Dialog } from "radix-ui";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConsole, useWatched } from "../shell/console-context";
import { holdReload } from "../shell/upgrade";
import { CommandLine } from "../ui/command-line";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useReturnFocus } from "../ui/use-return-focus";
import { FormField } from "./form-field";
import { scopes } from "./scopes";

interface NewTokenProps {
  readonly onClose: () => void;
  readonly onCreated: () => void;
}

/** How long a token is good, in days; 0: until it is revoked. */
const lifetimes = [1, 7, 30, 90, 365, 0] as const;

/** Creates a token. Its secret is shown once, and only goes when somebody says so. */
export function NewToken({ onClose, onCreated }: NewTokenProps) {
  const { t } = useTranslation();
  const [secret, setSecret] = useState<string>();
  const focus = useReturnFocus();
  const stay = (event: Event) => {
    if (secret !== undefined) {
      event.preventDefault();
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog"
          aria-describedby={undefined}
          {...focus}
          onEscapeKeyDown={stay}
          onPointerDownOutside={stay}
          onInteractOutside={stay}
        >
          <Dialog.Title className="dialog-title">
            {secret === undefined ? t("settings.tokens.create") : t("settings.tokens.createdTitle")}
          </Dialog.Title>
          {secret === undefined ? (
            <TokenForm
              onCreated={(created) => {
                setSecret(created);
                onCreated();
              }}
            />
          ) : (
            <Secret secret={secret} onDone={onClose} />
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function TokenForm({ onCreated }: { readonly onCreated: (secret: string) => void }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const workers = useWatched({ kind: "workers" });
  const [name, setName] = useState("");
  const [scope, setScope] = useState(1);
  const [days, setDays] = useState<number>(30);
  const [limited, setLimited] = useState<ReadonlySet<string>>(new Set());
  const [unnamed, setUnnamed] = useState(false);
  const known = useWatched({ kind: "workspaces" });
  const names = new Map(known.phase === "ready" ? known.view.map(({ workspaceId, name: called }) => [workspaceId, called]) : []);
  // Closed ones keep their Companion, and may be chosen as well.
  const workspaces = [...new Set([...names.keys(), ...(workers.phase === "ready" ? workers.view.map(({ workspaceId }) => workspaceId) : [])])];
  const create = useCall(async () => {
    const { secret } = await clients.settings.createToken({
      name: name.trim(),
      scope: scopes[scope]?.[0] ?? scopes[0][0],
      workspaceIds: [...limited],
      ...(days > 0 && { lifetime: { seconds: BigInt(days * 86_400), nanos: 0 } }),
    });
    onCreated(secret);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setUnnamed(name.trim() === "");
    if (name.trim() !== "" && !create.pending) {
      void create.run();
    }
  };
  return (
    <form className="dialog-form" onSubmit={submit} noValidate>
      <FormField label={t("settings.tokens.name")} help={t("settings.tokens.nameHelp")} problem={unnamed ? t("settings.tokens.nameless") : undefined}>
        {(ids) => (
          <input {...ids} className="field" maxLength={100} autoComplete="off" value={name} onChange={({ target }) => setName(target.value)} />
        )}
      </FormField>
      <FormField label={t("settings.tokens.scope")} help={t(`settings.tokens.scopeHelp.${scopes[scope]?.[1] ?? "read"}`)}>
        {(ids) => (
          <select {...ids} className="field" value={scope} onChange={({ target }) => setScope(Number(target.value))}>
            {scopes.map(([value, key], index) => (
              <option key={value} value={index}>
                {t(`settings.tokens.scopes.${key}`)}
              </option>
            ))}
          </select>
        )}
      </FormField>
      <FormField label={t("settings.tokens.lifetime")}>
        {(ids) => (
          <select {...ids} className="field" value={days} onChange={({ target }) => setDays(Number(target.value))}>
            {lifetimes.map((value) => (
              <option key={value} value={value}>
                {value === 0 ? t("settings.tokens.untilRevoked") : t("settings.tokens.forDays", { count: value })}
              </option>
            ))}
          </select>
        )}
      </FormField>
      {workspaces.length > 0 && (
        <fieldset className="choice-group">
          <legend>{t("settings.tokens.limitTo")}</legend>
          {workspaces.map((workspaceId) => (
            <label key={workspaceId} className="choice">
              <input
                type="checkbox"
                checked={limited.has(workspaceId)}
                onChange={({ target }) =>
                  setLimited(new Set(target.checked ? [...limited, workspaceId] : [...limited].filter((other) => other !== workspaceId)))
                }
              />
              <span>
                {names.get(workspaceId)} <span className="mono soft small">{workspaceId}</span>
              </span>
            </label>
          ))}
          <p className="soft small">{t("settings.tokens.limitHelp")}</p>
        </fieldset>
      )}
      {create.failure && <Refused failure={create.failure} scope="all" title={t("settings.tokens.notCreated")} />}
      <div className="dialog-actions">
        <Dialog.Close className="button">{t("dialog.cancel")}</Dialog.Close>
        <button type="submit" className="button button-primary" disabled={create.pending}>
          {create.pending ? t("settings.tokens.creating") : t("settings.tokens.createSubmit")}
        </button>
      </div>
    </form>
  );
}

function Secret({ secret, onDone }: { readonly secret: string; readonly onDone: () => void }) {
  const { t } = useTranslation();
  // A reload would take away what is shown only now.
  useEffect(() => holdReload(), []);
  return (
    <>
      <p className="dialog-warning" role="alert">
        {t("settings.tokens.once")}
      </p>
      <CommandLine command={secret} />
      <p className="dialog-text small">{t("settings.tokens.use")}</p>
      <div className="dialog-actions">
        <button type="button" className="button button-primary" onClick={onDone}>
          {t("settings.tokens.done")}
        </button>
      </div>
    </>
  );
}
