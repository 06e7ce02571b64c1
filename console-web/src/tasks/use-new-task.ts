import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import { clientId } from "../conversation/client-id";
import { repeated } from "../conversation/deliver";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { showToast } from "../ui/toast";

export interface NewTask {
  readonly workspaceId?: string;
  readonly description?: string;
  readonly fromConversationId?: string;
  readonly cloneTaskId?: string;
}

/** Creates a task and goes there; what goes wrong is said in a toast. */
export function useNewTask(): (fields: NewTask) => Promise<void> {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const navigate = useNavigate();
  return useCallback(
    async (fields) => {
      const requestId = clientId();
      try {
        const { task } = await repeated(() => clients.tasks.createTask({ ...fields, requestId }));
        if (task !== undefined) {
          await navigate({ to: "/tasks/$taskId", params: { taskId: task.taskId } });
        }
      } catch (thrown) {
        const failure = CallFailure.from(thrown);
        const cause = failure.is("SCOPE_DENIED") ? t("error.forbidden", { scope: "chat" }) : failureText(t, failure);
        showToast({ tone: "failed", text: t("palette.taskNotCreated", { cause }) });
      }
    },
    [t, clients, navigate],
  );
}
