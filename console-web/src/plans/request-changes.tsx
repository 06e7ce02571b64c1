import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { RevisionAuthor } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { useStartWork } from "../workflows/use-start-work";
import { WorkRefused } from "../workspaces/work-refused";
import { unanswered } from "./comment-place";
import { InstructionsField } from "./instructions-field";
import { ModelChoice, preferredModel } from "./model-choice";
import { longestInstructions } from "./new-plan-draft";
import { usePlan } from "./plan-context";

/** Sends comments to a model, which answers with the next revision. */
export function RequestChanges() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { plan, view, show } = usePlan();
  const { planId, workspaceId, version, activeRevisionId } = plan;
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [instructions, setInstructions] = useState("");
  const [findings, setFindings] = useState(plan.errorCount > 0);
  const [model, setModel] = useState(preferredModel);
  const offered = unanswered(view.comments);
  const chosen = offered.filter(({ commentId }) => !left.has(commentId));
  const { start, pending, failure, question } = useStartWork(workspaceId, async (requestId) => {
    await clients.plans.requestChanges({
      planId,
      expectedVersion: version,
      commentIds: chosen.map(({ commentId }) => commentId),
      instructions: instructions.trim(),
      includeFindings: findings,
      ...model,
      requestId,
    });
    setInstructions("");
    // What is written is what one wants to see now.
    show({ view: undefined, revision: undefined, step: undefined });
  });
  const busy = activeRevisionId !== "";
  const nothing = chosen.length === 0 && instructions.trim() === "" && !findings;
  // None chosen would mean all of them.
  const allLeft = chosen.length === 0 && offered.length > 0;
  const unfit = busy || nothing || allLeft || version === 0n || [...instructions].length > longestInstructions;
  const last = view.revisions.find(({ revisionId }) => revisionId === plan.headRevisionId);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!unfit && !pending) {
      start();
    }
  };
  return (
    <form className="request-changes" onSubmit={submit} noValidate>
      {last?.author === RevisionAuthor.CHANGES && !busy && (
        <p className="panel-line">
          {t("plan.changes.result", { number: String(last.number) })}{" "}
          <button type="button" className="button button-small" onClick={() => show({ view: "revisions", to: last.revisionId, from: last.parentRevisionId || undefined })}>
            {t("plan.changes.showDiff")}
          </button>
        </p>
      )}
      <p className="soft small">{t("plan.changes.lead")}</p>
      <fieldset className="modes">
        <legend>{t("plan.changes.comments")}</legend>
        {offered.length === 0 && <p className="soft small">{t("plan.changes.noComments")}</p>}
        {offered.map(({ commentId, text }) => (
          <label key={commentId} className="step-tick">
            <input
              type="checkbox"
              checked={!left.has(commentId)}
              onChange={({ target }) => setLeft((before) => (target.checked ? new Set([...before].filter((other) => other !== commentId)) : new Set([...before, commentId])))}
            />
            <span className="comment-text">{text.length > 160 ? `${text.slice(0, 160)}…` : text}</span>
          </label>
        ))}
      </fieldset>
      <label className="step-tick">
        <input type="checkbox" checked={findings} onChange={({ target }) => setFindings(target.checked)} /> {t("plan.changes.findings")}
      </label>
      <InstructionsField value={instructions} onChange={setInstructions} />
      <ModelChoice value={model} onChange={setModel} />
      {busy && (
        <p className="soft small" role="status">
          {t("plan.changes.busy")}
        </p>
      )}
      {failure && <WorkRefused failure={failure} title={t("plan.changes.notStarted")} />}
      <button type="submit" className="button button-primary" disabled={unfit || pending}>
        {pending ? t("plan.changes.starting") : t("plan.changes.start")}
      </button>
      {question}
    </form>
  );
}
