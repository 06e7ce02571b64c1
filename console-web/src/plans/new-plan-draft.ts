/** What a person wrote into the form for a new plan. */
export interface NewPlanDraft {
  readonly how: "model" | "brief";
  readonly providerId: string;
  readonly model: string;
  readonly instructions: string;
  readonly includeTree: boolean;
  readonly drafts: number;
}

export const emptyDraft: NewPlanDraft = { how: "model", providerId: "", model: "", instructions: "", includeTree: false, drafts: 1 };

/** Most characters of instructions that the server takes. */
export const longestInstructions = 10_000;

const prefix = "banto.new-plan.";

/** It survives its page and its tab. */
export function loadNewPlan(storage: Storage, taskId: string): NewPlanDraft {
  try {
    const stored: unknown = JSON.parse(storage.getItem(prefix + taskId) ?? "null");
    return isDraft(stored) ? stored : emptyDraft;
  } catch {
    return emptyDraft;
  }
}

/** Nothing but the beginning is not kept. */
export function saveNewPlan(storage: Storage, taskId: string, draft: NewPlanDraft): void {
  try {
    if (JSON.stringify(draft) === JSON.stringify(emptyDraft)) {
      storage.removeItem(prefix + taskId);
    } else {
      storage.setItem(prefix + taskId, JSON.stringify(draft));
    }
  } catch {
    // Storage is full or forbidden; the page still has it.
  }
}

function isDraft(value: unknown): value is NewPlanDraft {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const draft = value as Record<string, unknown>;
  return (
    (draft["how"] === "model" || draft["how"] === "brief") &&
    ["providerId", "model", "instructions"].every((name) => typeof draft[name] === "string") &&
    typeof draft["includeTree"] === "boolean" &&
    [1, 2, 3].includes(draft["drafts"] as number)
  );
}
