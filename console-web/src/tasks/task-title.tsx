import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { isComposing } from "../chat/message-text";
import type { Task } from "../gen/banto/v1/tasks_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";

/** The title. Empty, it follows the first line of the description. */
export function TaskTitle({ task }: { readonly task: Task }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { taskId, title, titleIsSet } = task;
  const stored = titleIsSet ? title : "";
  // Undefined: nobody is writing, and what is stored stands there.
  const [written, setWritten] = useState<string>();
  const id = useId();
  const save = useCall(async (next: string) => {
    await clients.tasks.updateTask({ taskId, title: next });
    return next;
  });
  // What was saved stays until the feed brings it.
  useEffect(() => setWritten((before) => (before?.trim() === stored ? undefined : before)), [stored]);
  const send = () => {
    if (written === undefined) {
      return;
    }
    if (written.trim() === stored) {
      setWritten(undefined);
    } else {
      void save.run(written.trim());
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isComposing(event.nativeEvent)) {
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      setWritten(undefined);
      save.forget();
    }
  };
  return (
    <div className="task-title">
      <input
        className="task-title-field"
        aria-label={t("task.titleField")}
        aria-describedby={`${id}-help`}
        placeholder={title || t("task.untitled")}
        maxLength={200}
        value={written ?? stored}
        onChange={({ target }) => setWritten(target.value)}
        onKeyDown={onKeyDown}
        onBlur={send}
      />
      <p id={`${id}-help`} className={written !== undefined && written.trim() === "" ? "soft small" : "visually-hidden"}>
        {t("task.titleFollows")}
      </p>
      {save.failure && (
        <p className="inline-failure" role="alert">
          {t("task.titleNotSaved", { cause: failureText(t, save.failure) })}
        </p>
      )}
    </div>
  );
}
