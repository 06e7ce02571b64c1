import { useTranslation } from "react-i18next";
import { EntryList } from "../audit/entry-list";
import { usePlan } from "./plan-context";

/** What was done with the plan, from the audit log. */
export function HistoryView() {
  const { t } = useTranslation();
  const { plan } = usePlan();
  return (
    <section className="plan-history" aria-label={t("plan.view.history")} data-testid="plan-history">
      <p className="soft small">{t("audit.ofPlan")}</p>
      <EntryList key={String(plan.change)} subject={plan.planId} actionPrefix="" />
    </section>
  );
}
