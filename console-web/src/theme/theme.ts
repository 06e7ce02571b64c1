/** Light, dark, or as the system has it. */
export const themes = ["system", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

/** `public/theme.js` reads the same key before the first paint. */
const key = "banto.theme";

export function chosenTheme(storage: Storage): Theme {
  const stored = storage.getItem(key);
  return themes.find((theme) => theme === stored) ?? "system";
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") {
    localStorage.removeItem(key);
  } else {
    localStorage.setItem(key, theme);
  }
  showTheme(theme);
}

/** Follows what another tab chose; call it on the window's `storage` event. */
export function onThemeStorage(event: StorageEvent): void {
  if (event.key === key) {
    showTheme(chosenTheme(localStorage));
  }
}

const listeners = new Set<() => void>();

export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function showTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset["theme"];
  } else {
    document.documentElement.dataset["theme"] = theme;
  }
  for (const listener of listeners) {
    listener();
  }
}
