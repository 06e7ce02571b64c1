import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Plan } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { showToast } from "../ui/toast";
import { planTitle } from "./plan-names";

/** Archives a plan or brings it back, with a way back either way. */
export function useArchivePlan(): (plan: Pick<Plan, "planId" | "title">, archived: boolean) => Promise<void> {
  const { t } = useTranslation();
  const { clients } = useConsole();
  return async (plan, archived) => {
    const title = planTitle(t, plan);
    const change = async (next: boolean) => {
      try {
        await clients.plans.updatePlan({ planId: plan.planId, archived: next });
        return true;
      } catch (thrown) {
        showToast({ tone: "failed", text: t("plan.keptToast", { title, cause: failureText(t, CallFailure.from(thrown)) }) });
        return false;
      }
    };
    if (await change(archived)) {
      showToast({
        text: t(archived ? "plan.archivedToast" : "plan.unarchivedToast", { title }),
        action: { label: t("toast.undo"), run: () => void change(!archived) },
      });
    }
  };
}
