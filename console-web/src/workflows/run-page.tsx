import { getRouteApi } from "@tanstack/react-router";
import { RunHistory } from "./run-history";
import { WorkflowRun } from "./workflow-run";
import "./workflows.css";

const route = getRouteApi("/tasks/$taskId/runs/$workflowId");

/** `/tasks/:taskId/runs/:workflowId` */
export function RunPage() {
  const { workflowId } = route.useParams();
  return (
    <div className="task-body runs">
      <WorkflowRun key={workflowId} workflowId={workflowId} />
      <RunHistory shown={workflowId} />
    </div>
  );
}
