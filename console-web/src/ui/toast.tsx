import { Suspense, lazy, useSyncExternalStore } from "react";
import "./toast.css";

/** A short word on what was just done, with at most one thing to do about it. */
export interface ToastWords {
  readonly text: string;
  readonly tone?: "failed";
  readonly action?: { readonly label: string; readonly run: () => void };
  /** How long it stays while nobody points at it or looks away; 8 s unless told. */
  readonly durationMs?: number;
  /** It is gone and its action was not taken. */
  readonly onLapsed?: () => void;
}

export interface ShownToast extends ToastWords {
  readonly id: number;
}

/** More than these would cover a phone; the oldest lapses. */
const most = 3;

let toasts: readonly ShownToast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: readonly ShownToast[]): void {
  toasts = next;
  for (const listener of listeners) {
    listener();
  }
}

/** Takes a toast away. Its action ran, or it lapsed: never both. */
export function closeToast(id: number, how: "acted" | "lapsed"): void {
  const toast = toasts.find((other) => other.id === id);
  if (toast === undefined) {
    return;
  }
  change(toasts.filter((other) => other !== toast));
  if (how === "acted") {
    toast.action?.run();
  } else {
    toast.onLapsed?.();
  }
}

/** Shows a toast in the region of the frame, and names it. */
export function showToast(words: ToastWords): number {
  lastId += 1;
  const id = lastId;
  const oldest = toasts[0];
  if (toasts.length >= most && oldest !== undefined) {
    closeToast(oldest.id, "lapsed");
  }
  change([...toasts, { ...words, id }]);
  return id;
}

// Most visits show none.
const ToastList = lazy(async () => ({ default: (await import("./toast-list")).ToastList }));

/**
 * The place of toasts. It is part of the page's column and takes room of its
 * own, so that a toast covers nothing, on a phone neither.
 */
export function ToastRegion() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toast-place">
      {(shown.length > 0 || lastId > 0) && (
        <Suspense fallback={null}>
          <ToastList toasts={shown} />
        </Suspense>
      )}
    </div>
  );
}
