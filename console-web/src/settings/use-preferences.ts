import { useCallback, useMemo, useState } from "react";
import { CallFailure } from "../api/failure";
import { useConsole } from "../shell/console-context";
import { useLoaded } from "../ui/use-loaded";
import {
  type FormDraft,
  type FormField,
  type FormProblem,
  type PreferencesForm,
  applied,
  change,
  conflicts,
  drop,
  fromForm,
  loadFormDraft,
  problemOf,
  saveFormDraft,
  toForm,
} from "./preferences-form";

/** The fields of one page, what is stored, and the way between them. */
export interface PreferencesFields {
  readonly form: PreferencesForm;
  readonly stored: PreferencesForm;
  readonly changed: boolean;
  readonly problems: { readonly [F in FormField]?: FormProblem };
  /** Fields that somebody else changed too; nothing is saved until each is decided. */
  readonly conflicts: readonly FormField[];
  readonly saving: boolean;
  readonly saved: boolean;
  readonly failure: CallFailure | undefined;
  readonly change: (field: FormField, value: string) => void;
  readonly keepMine: (field: FormField) => void;
  readonly takeTheirs: (field: FormField) => void;
  readonly save: () => Promise<void>;
  readonly discard: () => void;
}

export interface PreferencesPage {
  readonly fields: PreferencesFields | undefined;
  readonly failure: CallFailure | undefined;
  readonly reload: () => void;
}

/** `names` must be a constant: the fields that the page shows and saves. */
export function usePreferences(names: readonly FormField[]): PreferencesPage {
  const { clients } = useConsole();
  const load = useCallback(
    async (signal?: AbortSignal) => {
      const { preferences } = await clients.settings.getPreferences({}, signal ? { signal } : {});
      if (preferences === undefined) {
        throw new Error("the server sent no preferences");
      }
      return preferences;
    },
    [clients],
  );
  const loaded = useLoaded(load);
  const { value, set } = loaded;
  const [draft, setDraft] = useState(() => loadFormDraft(sessionStorage));
  const [saving, setSaving] = useState(false);
  const [saved, setSaved] = useState(false);
  const [failure, setFailure] = useState<CallFailure>();

  const keep = (next: FormDraft) => {
    setDraft(next);
    saveFormDraft(sessionStorage, next);
    setSaved(false);
  };

  const stored = useMemo(() => value && toForm(value), [value]);
  if (value === undefined || stored === undefined) {
    return { fields: undefined, failure: loaded.failure, reload: loaded.reload };
  }

  const save = async () => {
    setSaving(true);
    setFailure(undefined);
    const own = Object.fromEntries(Object.entries(draft).filter(([field]) => names.some((name) => name === field))) as FormDraft;
    const send = (base: typeof value) =>
      clients.settings.updatePreferences({
        preferences: fromForm(applied(toForm(base), own), base),
        expectedVersion: base.version,
      });
    const accept = ({ preferences }: Awaited<ReturnType<typeof send>>) => {
      if (preferences !== undefined) {
        set(preferences);
      }
      keep(drop(draft, names));
      setSaved(true);
    };
    try {
      accept(await send(value));
    } catch (thrown) {
      const refusal = CallFailure.from(thrown);
      if (!refusal.is("VERSION_CONFLICT")) {
        setFailure(refusal);
        return;
      }
      // Somebody was faster. Where they changed other fields, both changes hold.
      const theirs = await load();
      set(theirs);
      if (conflicts(toForm(theirs), own, names).length === 0) {
        accept(await send(theirs));
      }
    } finally {
      setSaving(false);
    }
  };

  const form = applied(stored, draft);
  const problems = Object.fromEntries(
    names.flatMap((name) => {
      const problem = draft[name] && problemOf(name, form[name]);
      return problem === undefined ? [] : [[name, problem]];
    }),
  );
  return {
    fields: {
      form,
      stored,
      changed: names.some((name) => draft[name] !== undefined),
      problems,
      conflicts: conflicts(stored, draft, names),
      saving,
      saved,
      failure,
      change: (field, mine) => keep(change(draft, stored, field, mine)),
      keepMine: (field) => keep({ ...draft, [field]: { base: stored[field], mine: form[field] } }),
      takeTheirs: (field) => keep(drop(draft, [field])),
      save: () => save().catch((thrown: unknown) => setFailure(CallFailure.from(thrown))),
      discard: () => {
        setFailure(undefined);
        keep(drop(draft, names));
      },
    },
    failure: loaded.failure,
    reload: loaded.reload,
  };
}
