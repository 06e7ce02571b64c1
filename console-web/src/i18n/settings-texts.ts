import i18next from "i18next";
import { enSettings } from "./en-settings";

/** Adds what the first page does not need; the other languages come whole. */
export function addSettingsTexts(): void {
  i18next.addResourceBundle("en", "translation", enSettings, true, true);
}
