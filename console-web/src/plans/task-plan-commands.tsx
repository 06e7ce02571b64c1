import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { addPlanTexts } from "../i18n/plan-texts";
import { useWatched } from "../shell/console-context";
import { originName, planTitle } from "./plan-names";

addPlanTexts();

/** The plans of the open task by their names, and a new one, for the palette and the keys. */
export function TaskPlanCommands({ taskId }: { readonly taskId: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const watched = useWatched({ kind: "plans", taskId });
  const plans = watched.phase === "ready" ? watched.view : undefined;
  const commands = useMemo(
    (): readonly Command[] => [
      { id: "new-plan", group: "plans", here: true, title: t("plan.new.open"), keys: "n p", run: () => void navigate({ to: "/tasks/$taskId/plans", params: { taskId }, search: { new: true } }) },
      ...(plans ?? []).map(
        (plan): Command => ({
          id: `plan ${plan.planId}`,
          group: "plans",
          title: planTitle(t, plan),
          detail: originName(t, plan),
          run: () => void navigate({ to: "/plans/$planId", params: { planId: plan.planId } }),
        }),
      ),
    ],
    [plans, t, navigate, taskId],
  );
  useCommands(commands);
  return null;
}
