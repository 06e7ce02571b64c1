import i18next from "i18next";
import { enAudit } from "./en-audit";
import { enPlans } from "./en-plans";

/** Adds what the first page does not need; the other languages come whole. */
export function addPlanTexts(): void {
  i18next.addResourceBundle("en", "translation", { ...enPlans, ...enAudit }, true, true);
}
