import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Task } from "../gen/banto/v1/tasks_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { showToast } from "../ui/toast";

/** Archives a task or brings it back, with a way back either way. */
export function useArchiveTask(onChanged?: () => void): (task: Pick<Task, "taskId" | "title">, archived: boolean) => Promise<void> {
  const { t } = useTranslation();
  const { clients } = useConsole();
  return async ({ taskId, title: given }, archived) => {
    const title = given || t("task.untitled");
    const change = async (next: boolean) => {
      try {
        await clients.tasks.archiveTask({ taskId, archived: next });
        onChanged?.();
        return true;
      } catch (thrown) {
        showToast({ tone: "failed", text: t("task.keptToast", { title, cause: failureText(t, CallFailure.from(thrown)) }) });
        return false;
      }
    };
    if (await change(archived)) {
      showToast({
        text: t(archived ? "task.archivedToast" : "task.unarchivedToast", { title }),
        action: { label: t("toast.undo"), run: () => void change(!archived) },
      });
    }
  };
}
