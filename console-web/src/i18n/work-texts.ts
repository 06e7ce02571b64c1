import i18next from "i18next";
import { enWork } from "./en-work";

/** Adds what the first page does not need; the other languages come whole. */
export function addWorkTexts(): void {
  i18next.addResourceBundle("en", "translation", enWork, true, true);
}
