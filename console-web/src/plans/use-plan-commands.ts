import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { useWatched } from "../shell/console-context";
import { usePlan } from "./plan-context";
import { originName, planTitle } from "./plan-names";
import { planViews } from "./plan-search";

/** Keys and names for what one does with an open plan: steps, views, the other plans of its task. */
export function usePlanCommands(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const open = usePlan();
  const { taskId, planId } = open.plan;
  const watched = useWatched({ kind: "plans", taskId });
  const plans = watched.phase === "ready" ? watched.view : undefined;
  const acts = useRef({ open, plans });
  useEffect(() => {
    acts.current = { open, plans };
  });
  const commands = useMemo((): readonly Command[] => {
    const base = { group: "plans", here: true, listed: false } as const;
    const step = (by: number) => {
      const { document: structure, search, show, goTo } = acts.current.open;
      const { steps } = structure;
      const at = steps.findIndex(({ number }) => number === search.step);
      const next = steps[Math.max(0, Math.min(steps.length - 1, at < 0 ? (by > 0 ? 0 : steps.length - 1) : at + by))];
      if (next) {
        show({ step: next.number }, true);
        goTo(next);
        // Where it is drawn as people read it, the keyboard goes along.
        requestAnimationFrame(() => document.getElementById(`step-${next.number}-title`)?.focus({ preventScroll: true }));
      }
    };
    const plan = (by: number) => {
      const others = (acts.current.plans ?? []).filter(({ archivedAt }) => archivedAt === undefined);
      const at = others.findIndex((other) => other.planId === planId);
      const next = others[(at + by + others.length) % Math.max(1, others.length)];
      if (next && next.planId !== planId) {
        void navigate({ to: "/plans/$planId", params: { planId: next.planId } });
      }
    };
    return [
      { ...base, id: "next-step", keys: "j", title: t("plan.keys.nextStep"), run: () => step(1) },
      { ...base, id: "previous-step", keys: "k", title: t("plan.keys.previousStep"), run: () => step(-1) },
      { ...base, id: "next-plan", keys: "]", title: t("plan.keys.nextPlan"), run: () => plan(1) },
      { ...base, id: "previous-plan", keys: "[", title: t("plan.keys.previousPlan"), run: () => plan(-1) },
      ...planViews.map((name, index) => ({
        ...base,
        listed: true,
        id: `plan-view-${name}`,
        keys: `v ${index + 1}`,
        title: t("plan.keys.view", { view: t(`plan.view.${name}`) }),
        run: () => acts.current.open.show({ view: name === "rendered" ? undefined : name }),
      })),
    ];
  }, [t, navigate, planId]);
  useCommands(commands);
  const others = useMemo(
    (): readonly Command[] =>
      (plans ?? [])
        .filter((other) => other.planId !== planId)
        .map((other) => ({
          id: `plan ${other.planId}`,
          group: "plans",
          title: planTitle(t, other),
          detail: originName(t, other),
          run: () => void navigate({ to: "/plans/$planId", params: { planId: other.planId } }),
        })),
    [plans, planId, t, navigate],
  );
  useCommands(others);
}
