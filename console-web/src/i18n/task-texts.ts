import i18next from "i18next";
import { enTasks } from "./en-tasks";

/** Adds what the first page does not need; the other languages come whole. */
export function addTaskTexts(): void {
  i18next.addResourceBundle("en", "translation", enTasks, true, true);
}
