import { useSyncExternalStore } from "react";
import { type Theme, chosenTheme, onTheme } from "./theme";

export function useTheme(): Theme {
  return useSyncExternalStore(onTheme, () => chosenTheme(localStorage));
}
