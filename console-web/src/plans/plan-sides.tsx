import { X } from "lucide-react";
import { useEffect, useId, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "../commands/use-commands";
import { CommentState } from "../gen/banto/v1/plans_pb";
import { IconButton } from "../ui/icon-button";
import { CommentsPanel } from "./comments-panel";
import { usePlan } from "./plan-context";
import { type PlanSide, planSides } from "./plan-search";
import { ProblemsPanel } from "./problems-panel";
import { RequestChanges } from "./request-changes";

const keys = { comments: "c", problems: "p", changes: "r" } as const;

/** What is shown beside the text. */
export function PlanSideChoice() {
  const { t } = useTranslation();
  const { plan, view, search, show, checked } = usePlan();
  const side = search.side;
  const open = view.comments.filter(({ state }) => state !== CommentState.RESOLVED).length;
  const problems = checked?.findings.length ?? plan.errorCount + plan.warningCount;
  const names = { comments: t("plan.comment.count", { count: open }), problems: t("plan.problems.count", { count: problems }), changes: t("plan.changes.open") } as const;
  const commands = useMemo(
    () =>
      planSides.map(
        (name) => ({ id: `plan-side-${name}`, group: "plans", here: true, keys: keys[name], title: t(`plan.keys.${name}`), run: () => show({ side: name }) }) as const,
      ),
    [t, show],
  );
  useCommands(commands);
  if (search.view === "revisions" || search.view === "outcome" || search.view === "history") {
    return null;
  }
  return (
    <div className="plan-side-choice">
      {planSides.map((name) => (
        <button key={name} type="button" className="button button-small" aria-pressed={side === name} data-side-button={name} onClick={() => show({ side: side === name ? undefined : name })}>
          {names[name]}
        </button>
      ))}
    </div>
  );
}

/** A panel beside the text; on a phone above it. */
export function PlanSidePanel({ side }: { readonly side: PlanSide }) {
  const { t } = useTranslation();
  const { show } = usePlan();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const opener = useRef<Element>(null);
  useEffect(() => {
    // Whoever opened it wants to be there; whoever came by its address does not.
    opener.current = document.activeElement;
    if (opener.current?.matches("[data-side-button], .step-comment") === true) {
      heading.current?.focus({ preventScroll: window.matchMedia("(min-width: 64rem)").matches });
    }
  }, [side]);
  const close = () => {
    show({ side: undefined });
    document.querySelector<HTMLElement>(`[data-side-button="${side}"]`)?.focus();
  };
  return (
    <aside className="plan-side" aria-labelledby={id} data-testid={`plan-${side}`}>
      <div className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {t(`plan.keys.${side}`)}
        </h2>
        <IconButton icon={X} label={t("dialog.close")} onClick={close} />
      </div>
      {side === "comments" ? <CommentsPanel /> : side === "problems" ? <ProblemsPanel /> : <RequestChanges />}
    </aside>
  );
}
