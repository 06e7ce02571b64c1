import { useTranslation } from "react-i18next";
import { useTask } from "../tasks/task-context";
import { Empty } from "../ui/states";
import { RunHistory } from "./run-history";
import { StartFinder } from "./start-finder";
import { WorkflowRun } from "./workflow-run";
import "./workflows.css";

/** `/tasks/:taskId/runs`: a new search, the latest one, and those before. */
export function RunsPage() {
  const { t } = useTranslation();
  const { task } = useTask();
  return (
    <div className="task-body runs">
      <p className="soft">{t("finder.lead")}</p>
      <StartFinder />
      {task.latestWorkflowId === "" ? <Empty>{t("finder.noHistory")}</Empty> : <WorkflowRun key={task.latestWorkflowId} workflowId={task.latestWorkflowId} />}
      <RunHistory shown={task.latestWorkflowId} />
    </div>
  );
}
