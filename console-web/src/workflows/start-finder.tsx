import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { FinderMode } from "../gen/banto/v1/workflows_pb";
import { useConsole } from "../shell/console-context";
import { useAutosave, useTask } from "../tasks/task-context";
import { WorkRefused } from "../workspaces/work-refused";
import { finderModes } from "./finder-modes";
import { useStartWork } from "./use-start-work";

const choices = [[FinderMode.UNSPECIFIED, "preferred"], ...finderModes] as const;

/** Starts a search for files, and goes to it. */
export function StartFinder() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task, saver } = useTask();
  const { text } = useAutosave(saver);
  const { taskId, workspaceId, activeWorkflowId } = task;
  const navigate = useNavigate();
  const [mode, setMode] = useState<FinderMode>(FinderMode.UNSPECIFIED);
  const id = useId();
  const go = (workflowId: string) => navigate({ to: "/tasks/$taskId/runs/$workflowId", params: { taskId, workflowId } });
  const { start, pending, failure, question } = useStartWork(workspaceId, async (requestId) => {
    // What was just written is what is searched for.
    await saver.flush();
    const { workflow } = await clients.workflows.startFileFinder({ taskId, mode, requestId });
    await go(workflow?.workflowId ?? "");
  });
  const empty = text.trim() === "";
  const running = activeWorkflowId !== "" || failure?.is("WORKFLOW_IN_PROGRESS") === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!empty && !pending) {
      start();
    }
  };
  return (
    <form className="panel" onSubmit={submit} data-testid="start-finder">
      <fieldset className="modes">
        <legend>{t("finder.mode")}</legend>
        {choices.map(([value, name]) => (
          <label key={name} className="mode">
            <input type="radio" name={`${id}-mode`} value={name} checked={mode === value} aria-describedby={`${id}-${name}`} onChange={() => setMode(value)} />
            <span>
              {t(`finder.modes.${name}`)}
              <span className="soft small mode-help" id={`${id}-${name}`}>
                {t(`finder.modeHelp.${name}`)}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      {running ? (
        <p className="panel-line" role="status">
          {t("finder.running")}{" "}
          <Link to="/tasks/$taskId/runs/$workflowId" params={{ taskId, workflowId: activeWorkflowId || (failure?.metadata["active_workflow_id"] ?? "") }}>
            {t("finder.openRunning")}
          </Link>
        </p>
      ) : (
        failure && <WorkRefused failure={failure} title={t("finder.notStarted")} />
      )}
      <div className="panel-actions">
        <button type="submit" className="button button-primary" disabled={empty || pending || activeWorkflowId !== ""}>
          {pending ? t("finder.starting") : t("finder.start")}
        </button>
        {empty && <span className="soft small">{t("finder.emptyTask")}</span>}
      </div>
      {question}
    </form>
  );
}
