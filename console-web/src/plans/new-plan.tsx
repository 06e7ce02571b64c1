import { Link, useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { PlanOrigin } from "../gen/banto/v1/plans_pb";
import { useModelDefaults } from "../settings/use-model-choices";
import { useConsole } from "../shell/console-context";
import { useAutosave, useTask } from "../tasks/task-context";
import { IconButton } from "../ui/icon-button";
import { showToast } from "../ui/toast";
import { useStartWork } from "../workflows/use-start-work";
import { WorkRefused } from "../workspaces/work-refused";
import { Estimate } from "./estimate";
import { InstructionsField } from "./instructions-field";
import { ModelChoice } from "./model-choice";
import { type NewPlanDraft, loadNewPlan, longestInstructions, saveNewPlan } from "./new-plan-draft";

/** Asks for one plan of the task, or for several to choose from. */
export function NewPlan({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task, saver } = useTask();
  const { text } = useAutosave(saver);
  const { taskId, workspaceId, fileCount } = task;
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => loadNewPlan(localStorage, taskId));
  const defaults = useModelDefaults();
  const noModel = !defaults.loading && defaults.failure === undefined && defaults.providers.every(({ failure: known }) => known !== undefined);
  const how = noModel ? "brief" : draft.how;
  const change = (part: Partial<NewPlanDraft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    saveNewPlan(localStorage, taskId, next);
  };
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const origin = how === "brief" ? PlanOrigin.BRIEF : PlanOrigin.MODEL;
  const drafts = how === "brief" ? 1 : draft.drafts;
  const wish = {
    taskId,
    origin,
    ...(how === "model" && { providerId: draft.providerId, model: draft.model }),
    instructions: draft.instructions.trim(),
    includeTree: how === "model" && draft.includeTree,
  };
  // Those that were begun are not begun again when the next is refused.
  const left = useRef(0);
  const { start, pending, failure, question } = useStartWork(workspaceId, async (requestId) => {
    await saver.flush();
    left.current = left.current > 0 && left.current <= drafts ? left.current : drafts;
    let planId = "";
    while (left.current > 0) {
      const { plan } = await clients.plans.generatePlan({ ...wish, requestId: `${requestId}-${left.current}` });
      planId = plan?.planId ?? "";
      left.current -= 1;
    }
    const { instructions: _, ...kept } = draft;
    saveNewPlan(localStorage, taskId, { ...kept, instructions: "" });
    if (drafts === 1) {
      await navigate({ to: "/plans/$planId", params: { planId } });
    } else {
      showToast({ text: t("plan.new.begun", { count: drafts }) });
      onClose();
    }
  });
  const empty = text.trim() === "";
  const long = [...draft.instructions].length > longestInstructions;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!empty && !pending && !long && fileCount > 0) {
      start();
    }
  };
  return (
    <section className="panel new-plan" aria-labelledby={id} data-testid="new-plan">
      <div className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {t("plan.new.title")}
        </h2>
        <IconButton icon={X} label={t("dialog.close")} onClick={onClose} />
      </div>
      <form className="task-body" onSubmit={submit} noValidate>
        <fieldset className="modes">
          <legend>{t("plan.new.how")}</legend>
          {(["model", "brief"] as const).map((name) => (
            <label key={name} className="mode">
              <input type="radio" name={`${id}-how`} value={name} checked={how === name} disabled={name === "model" && noModel} aria-labelledby={`${id}-${name}-name`} aria-describedby={`${id}-${name}`} onChange={() => change({ how: name })} />
              <span>
                <span id={`${id}-${name}-name`}>{t(`plan.new.by.${name}`)}</span>
                <span className="soft small mode-help" id={`${id}-${name}`}>
                  {name === "model" && noModel ? t("plan.new.noModel") : t(`plan.new.byHelp.${name}`)}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {how === "model" && (
          <>
            <ModelChoice value={draft} onChange={change} />
            <label className="choice">
              <input type="checkbox" checked={draft.includeTree} onChange={({ target }) => change({ includeTree: target.checked })} />
              {t("plan.new.includeTree")}
            </label>
            <div className="form-field new-plan-drafts">
              <label htmlFor={`${id}-drafts`}>{t("plan.new.drafts")}</label>
              <select id={`${id}-drafts`} className="field" value={draft.drafts} onChange={({ target }) => change({ drafts: Number(target.value) })}>
                {[1, 2, 3].map((number) => (
                  <option key={number} value={number}>
                    {t("plan.new.draftCount", { count: number })}
                  </option>
                ))}
              </select>
            </div>
          </>
        )}
        <InstructionsField value={draft.instructions} onChange={(instructions) => change({ instructions })} />
        {fileCount > 0 ? (
          <Estimate wish={wish} drafts={drafts} files={fileCount} change={task.revision} />
        ) : (
          <p className="estimate" data-testid="no-files">
            {t("plan.new.noFiles")}{" "}
            <Link to="/tasks/$taskId/runs" params={{ taskId }}>
              {t("files.find")}
            </Link>
          </p>
        )}
        {failure && <WorkRefused failure={failure} title={t("plan.new.notStarted")} />}
        <div className="panel-actions">
          <button type="submit" className="button button-primary" disabled={empty || pending || long || fileCount === 0}>
            {pending ? t("plan.new.starting") : t("plan.new.start", { count: drafts })}
          </button>
          {empty && <span className="soft small">{t("plan.new.emptyTask")}</span>}
        </div>
      </form>
      {question}
    </section>
  );
}
