import { longestInstructions } from "../conversation/choices";
import type { Preferences } from "../gen/banto/v1/settings_pb";
import { FinderMode } from "../gen/banto/v1/workflows_pb";
import { finderModes } from "../workflows/finder-modes";
import { dollars, nanoUsd } from "./nano-usd";

/** The preferences as the fields hold them. Empty: the default of the field. */
export interface PreferencesForm {
  readonly provider: string;
  readonly model: string;
  readonly language: string;
  readonly instructions: string;
  readonly dailyLimit: string;
  readonly taskLimit: string;
  /** Name of a FinderMode, lower-case. */
  readonly finderMode: string;
  readonly promptDays: string;
  readonly eventDays: string;
  readonly conversationDays: string;
}

export type FormField = keyof PreferencesForm;

/** What somebody changed and has not saved, with what it was when they began. */
export type FormDraft = { readonly [F in FormField]?: { readonly base: string; readonly mine: string } };

export type FormProblem = "amount" | "days" | "tooLong";

export function toForm(preferences: Preferences): PreferencesForm {
  const { dailySpendLimitNanoUsd, taskSpendLimitNanoUsd, conversationRetentionDays } = preferences;
  return {
    provider: preferences.companionProviderId,
    model: preferences.companionModel,
    language: preferences.companionLanguage,
    instructions: preferences.companionInstructions,
    dailyLimit: dailySpendLimitNanoUsd === undefined ? "" : dollars(dailySpendLimitNanoUsd),
    taskLimit: taskSpendLimitNanoUsd === undefined ? "" : dollars(taskSpendLimitNanoUsd),
    finderMode: finderModes.find(([mode]) => mode === preferences.finderMode)?.[1] ?? "",
    promptDays: String(preferences.promptRetentionDays),
    eventDays: String(preferences.eventRetentionDays),
    conversationDays: conversationRetentionDays === undefined ? "" : String(conversationRetentionDays),
  };
}

/** The stored preferences with the fields of the form laid over them. */
export function fromForm(form: PreferencesForm, stored: Preferences): Omit<Preferences, "$typeName" | "$unknown"> {
  const limit = form.dailyLimit.trim() === "" ? undefined : nanoUsd(form.dailyLimit);
  const taskLimit = form.taskLimit.trim() === "" ? undefined : nanoUsd(form.taskLimit);
  const conversationDays = days(form.conversationDays);
  return {
    version: stored.version,
    companionProviderId: form.provider,
    companionModel: form.model.trim(),
    companionLanguage: form.language.trim(),
    companionInstructions: form.instructions,
    promptRetentionDays: days(form.promptDays) ?? stored.promptRetentionDays,
    eventRetentionDays: days(form.eventDays) ?? stored.eventRetentionDays,
    finderMode: finderModes.find(([, name]) => name === form.finderMode)?.[0] ?? FinderMode.UNSPECIFIED,
    ...(taskLimit !== undefined && { taskSpendLimitNanoUsd: taskLimit }),
    ...(limit !== undefined && { dailySpendLimitNanoUsd: limit }),
    ...(conversationDays !== undefined && { conversationRetentionDays: conversationDays }),
  };
}

/** What is wrong with a field, before the server has to say it. */
export function problemOf(field: FormField, value: string): FormProblem | undefined {
  switch (field) {
    case "dailyLimit":
    case "taskLimit":
      return value.trim() !== "" && nanoUsd(value) === undefined ? "amount" : undefined;
    case "promptDays":
    case "eventDays":
      return days(value) === undefined ? "days" : undefined;
    case "conversationDays":
      return value.trim() !== "" && days(value) === undefined ? "days" : undefined;
    case "instructions":
      return [...value].length > longestInstructions ? "tooLong" : undefined;
    default:
      return undefined;
  }
}

function days(text: string): number | undefined {
  const folded = text.normalize("NFKC").trim();
  const value = /^\d{1,4}$/.test(folded) ? Number(folded) : 0;
  return value >= 1 && value <= 3650 ? value : undefined;
}

/** Keeps a change of a field; one that is back at what is stored is none. */
export function change(draft: FormDraft, stored: PreferencesForm, field: FormField, mine: string): FormDraft {
  const { [field]: before, ...others } = draft;
  const base = before?.base ?? stored[field];
  return mine === stored[field] ? others : { ...others, [field]: { base, mine } };
}

export function drop(draft: FormDraft, fields: readonly FormField[]): FormDraft {
  return Object.fromEntries(Object.entries(draft).filter(([field]) => !fields.some((dropped) => dropped === field)));
}

/** The stored values with one's own over them. */
export function applied(stored: PreferencesForm, draft: FormDraft): PreferencesForm {
  const mine = Object.entries(draft).map(([field, { mine: value }]) => [field, value] as const);
  return { ...stored, ...Object.fromEntries(mine) };
}

/** Fields that somebody else changed as well, to something else. */
export function conflicts(stored: PreferencesForm, draft: FormDraft, fields: readonly FormField[]): readonly FormField[] {
  return fields.filter((field) => {
    const own = draft[field];
    return own !== undefined && stored[field] !== own.base && stored[field] !== own.mine;
  });
}

const storageKey = "banto.settings-draft";

/** A draft lives as long as its tab: unsaved changes survive pages and reloads. */
export function loadFormDraft(storage: Storage): FormDraft {
  try {
    const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? "{}");
    return typeof stored === "object" && stored !== null
      ? Object.fromEntries(
          Object.entries(stored).filter(
            ([, value]: [string, unknown]) =>
              typeof value === "object" &&
              value !== null &&
              "base" in value &&
              "mine" in value &&
              typeof value.base === "string" &&
              typeof value.mine === "string",
          ),
        )
      : {};
  } catch {
    return {};
  }
}

export function saveFormDraft(storage: Storage, draft: FormDraft): void {
  try {
    if (Object.keys(draft).length === 0) {
      storage.removeItem(storageKey);
    } else {
      storage.setItem(storageKey, JSON.stringify(draft));
    }
  } catch {
    // Storage is full or forbidden; the page still has the text.
  }
}
