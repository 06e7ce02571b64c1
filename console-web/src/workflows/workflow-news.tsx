import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import type { Task } from "../gen/banto/v1/tasks_pb";
import { useWatched } from "../shell/console-context";
import { replyWaits } from "../shell/waiting";
import { failureKindName, stateName } from "../ui/format";
import { isOver } from "./workflow-view";

/** Says that a search ended, to those who hear and to those who look elsewhere. */
export function WorkflowNews({ task }: { readonly task: Task }) {
  const [text, setText] = useState("");
  // What ended before the page was opened is no news.
  const [old] = useState(() => (task.activeWorkflowId === "" ? task.latestWorkflowId : ""));
  const workflowId = task.latestWorkflowId;
  return (
    <>
      {workflowId !== "" && workflowId !== old && <Follower key={workflowId} workflowId={workflowId} onNews={setText} />}
      <div className="visually-hidden" role="status" data-testid="announcer">
        {text}
      </div>
    </>
  );
}

function Follower({ workflowId, onNews }: { readonly workflowId: string; readonly onNews: (text: string) => void }) {
  const { t } = useTranslation();
  const watched = useWatched({ kind: "workflow", workflowId });
  const workflow = watched.phase === "ready" && isOver(watched.view.workflow) ? watched.view.workflow : undefined;
  const news =
    workflow &&
    (workflow.state === RunState.COMPLETED
      ? t("finder.announceDone", { added: t("finder.added", { count: workflow.addedCount }) })
      : t("finder.announceEnded", {
          state: stateName(t, workflow.state),
          cause: workflow.failure ? failureKindName(t, workflow.failure.kind) : "",
        }));
  useEffect(() => {
    if (news !== undefined) {
      onNews(news);
      replyWaits(workflowId);
    }
  }, [news, workflowId, onNews]);
  return null;
}
