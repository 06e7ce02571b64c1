import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { StageKind, Workflow } from "../gen/banto/v1/workflows_pb";
import { useConsole } from "../shell/console-context";
import { useTask } from "../tasks/task-context";
import { WorkRefused } from "../workspaces/work-refused";
import { useStartWork } from "./use-start-work";

interface RetryButtonProps {
  readonly workflow: Workflow;
  readonly from: StageKind;
  readonly label: string;
  readonly name?: string;
}

/** Goes on from an ended search, as a new one. */
export function RetryButton({ workflow, from, label, name }: RetryButtonProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task, saver } = useTask();
  const navigate = useNavigate();
  const { start, pending, failure, question } = useStartWork(workflow.workspaceId, async (requestId) => {
    await saver.flush();
    const answer = await clients.workflows.retryWorkflow({ workflowId: workflow.workflowId, fromStage: from, requestId });
    const { workflowId = "" } = answer.workflow ?? {};
    await navigate({ to: "/tasks/$taskId/runs/$workflowId", params: { taskId: workflow.taskId, workflowId } });
  });
  return (
    <>
      <button type="button" className="button button-small" aria-label={name} disabled={pending || task.activeWorkflowId !== ""} onClick={start}>
        {pending ? t("finder.starting") : label}
      </button>
      {failure && <WorkRefused failure={failure} title={t("finder.notStarted")} />}
      {question}
    </>
  );
}
