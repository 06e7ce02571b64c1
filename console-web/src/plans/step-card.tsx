import { MessageSquarePlus } from "lucide-react";
import { type ReactNode, memo } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "../markdown/markdown";
import { CopyButton } from "../ui/copy-button";
import { codeFence } from "./code-fence";
import type { PlanOperation, PlanStep } from "./plan-document";

interface StepCardProps {
  readonly step: PlanStep;
  readonly current: boolean;
  /** How many comments on it are not resolved. */
  readonly comments: number;
  /** Undefined: nothing can be commented on now. */
  readonly onComment: ((step: PlanStep) => void) | undefined;
}

const knownTypes: ReadonlySet<string> = new Set(["create", "modify", "delete", "move"]);
const knownConfidences: ReadonlySet<string> = new Set(["high", "medium", "low"]);

/** A step as people read it. */
export const StepCard = memo(function StepCard({ step, current, comments, onComment }: StepCardProps) {
  const { t } = useTranslation();
  const { number, title, description, confidence, assumptions, operations, bashCommands, explorationCommands, sources, complete } = step;
  // What is seen on the button is part of its name; what stands in parentheses would count as none of it.
  const commentLabel = `${t("plan.comment.onStepNamed", { number })}${comments > 0 ? `: ${comments}` : ""}`;
  const titleId = `step-${number}-title`;
  return (
    <section className="step-card" id={`step-${number}`} data-step={number} data-current={current || undefined} aria-labelledby={titleId} aria-busy={!complete}>
      <header className="step-head">
        <h2 id={titleId} tabIndex={-1}>
          <span className="step-number">{number}</span> {title || t("plan.untitledStep")}
        </h2>
        {confidence !== "" && (
          <span className="tag" data-confidence={confidence}>
            {knownConfidences.has(confidence) ? t(`plan.confidence.${confidence as "high"}`) : confidence}
          </span>
        )}
        {sources !== "" && <span className="tag mono">{sources}</span>}
        {onComment && (
          <button type="button" className="button button-small step-comment" aria-label={commentLabel} onPointerDown={(event) => event.preventDefault()} onClick={() => onComment(step)}>
            <MessageSquarePlus aria-hidden="true" size={14} /> {comments > 0 ? comments : t("plan.comment.add")}
          </button>
        )}
      </header>
      {description !== "" && <Markdown text={description} complete={complete} />}
      {assumptions.length > 0 && (
        <Part title={t("plan.assumptions")}>
          <ul className="step-list">
            {assumptions.map((assumption) => (
              <li key={assumption}>{assumption}</li>
            ))}
          </ul>
        </Part>
      )}
      {operations.map((operation) => (
        <Operation key={operation.from} operation={operation} complete={complete} />
      ))}
      <Commands title={t("plan.bashCommands")} commands={bashCommands} />
      <Commands title={t("plan.explorationCommands")} commands={explorationCommands} />
    </section>
  );
});

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="step-part">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

function Operation({ operation, complete }: { readonly operation: PlanOperation; readonly complete: boolean }) {
  const { t } = useTranslation();
  const { type, path, source, symbols, changes, validation, evidence } = operation;
  const fence = changes === undefined ? undefined : codeFence(changes, path);
  return (
    <article className="operation" data-type={type} data-path={path} data-from={operation.from}>
      <p className="operation-head">
        <span className="operation-type" data-type={type}>
          {knownTypes.has(type) ? t(`plan.type.${type as "create"}`) : type || "?"}
        </span>
        <span className="mono operation-path">
          {source !== "" && `${source} → `}
          {path}
        </span>
        {path !== "" && <CopyButton text={path} label={t("plan.copyPath", { path })} />}
      </p>
      {symbols.length > 0 && (
        <p className="small operation-symbols">
          <span className="soft">{t("plan.symbols")}</span>{" "}
          {symbols.map((symbol) => (
            <code key={symbol}>{symbol}</code>
          ))}
        </p>
      )}
      {changes !== undefined && changes.trim() !== "" && (fence === undefined ? <pre className="operation-long">{changes}</pre> : <Markdown text={fence} complete={complete} />)}
      {validation !== undefined && validation.trim() !== "" && (
        <Part title={t("plan.validation")}>
          <Markdown text={validation} complete={complete} />
        </Part>
      )}
      {evidence !== undefined && evidence.trim() !== "" && (
        <Part title={t("plan.evidence")}>
          <Markdown text={evidence} complete={complete} />
        </Part>
      )}
    </article>
  );
}

function Commands({ title, commands }: { readonly title: string; readonly commands: readonly string[] }) {
  const { t } = useTranslation();
  return (
    commands.length > 0 && (
      <Part title={title}>
        <ul className="step-commands">
          {commands.map((command, index) => (
            // Commands may be the same, and never change their places.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index} className="step-command">
              <code>{command}</code>
              <CopyButton text={command} label={t("app.copyCommand")} />
            </li>
          ))}
        </ul>
      </Part>
    )
  );
}
