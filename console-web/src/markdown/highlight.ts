import { useSyncExternalStore } from "react";

/** HTML of `code` with classes on its parts; undefined for a language that is not known. */
export type Highlight = (code: string, language: string) => string | undefined;

let loaded: Highlight | undefined;
let loading = false;
const listeners = new Set<() => void>();

function load(): void {
  if (loading) {
    return;
  }
  loading = true;
  import("./highlighter").then(
    ({ highlight }) => {
      loaded = highlight;
      for (const listener of listeners) {
        listener();
      }
    },
    // Colours are a comfort. Another block may try again.
    () => (loading = false),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The highlighter, once it is there; it is fetched when the first text with a
 * block of code is shown. Colours change no size, so nothing moves when it
 * comes.
 */
export function useHighlight(wanted: boolean): Highlight | undefined {
  if (wanted) {
    load();
  }
  return useSyncExternalStore(subscribe, () => (wanted ? loaded : undefined));
}
