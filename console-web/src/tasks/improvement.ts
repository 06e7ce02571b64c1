/** A passage that a model was asked to write better. */
export interface Improvement {
  readonly jobId: string;
  /** The passage as it was. */
  readonly passage: string;
  /** Where it began, in code units. */
  readonly from: number;
}

const prefix = "banto.improvement.";

/** It lives as long as its tab: a reload finds it again. */
export function loadImprovement(storage: Storage, taskId: string): Improvement | undefined {
  try {
    const stored: unknown = JSON.parse(storage.getItem(prefix + taskId) ?? "null");
    return isImprovement(stored) ? stored : undefined;
  } catch {
    return undefined;
  }
}

export function saveImprovement(storage: Storage, taskId: string, improvement: Improvement | undefined): void {
  try {
    if (improvement === undefined) {
      storage.removeItem(prefix + taskId);
    } else {
      storage.setItem(prefix + taskId, JSON.stringify(improvement));
    }
  } catch {
    // Storage is full or forbidden; the page still has it.
  }
}

function isImprovement(value: unknown): value is Improvement {
  return (
    typeof value === "object" &&
    value !== null &&
    "jobId" in value &&
    typeof value.jobId === "string" &&
    "passage" in value &&
    typeof value.passage === "string" &&
    "from" in value &&
    typeof value.from === "number"
  );
}
