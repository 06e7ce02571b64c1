import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import { type Task, type TaskFile, TaskHistory } from "../gen/banto/v1/tasks_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { showToast } from "../ui/toast";
import { useLoaded } from "../ui/use-loaded";
import type { Decision } from "./selection";
import { type SelectionState, decided, loaded, refused, shownFiles, taken } from "./selection-queue";

export interface TaskFiles {
  /** Undefined until they are loaded. */
  readonly files: readonly TaskFile[] | undefined;
  readonly failure: CallFailure | undefined;
  readonly reload: () => void;
  /** Takes effect at once, and is taken back where the server refuses. */
  readonly decide: (decisions: readonly Decision[]) => void;
  readonly step: (to: "undo" | "redo") => void;
  readonly busy: boolean;
}

/** The most decisions that a call takes. */
const most = 10_000;

/** The files of a task, and the way to change which of them count. */
export function useTaskFiles({ taskId, filesVersion, latestWorkflowId, fileCount }: Task): TaskFiles {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [state, setState] = useState<SelectionState>();
  const [busy, setBusy] = useState(false);
  // One call after the other: an undo must not overtake what it undoes.
  const queue = useRef<Promise<void>>(Promise.resolve());
  // A change of any of these is a change of the files.
  const load = useCallback(
    async (signal: AbortSignal) => ({
      of: [filesVersion, latestWorkflowId, fileCount] as const,
      files: (await clients.tasks.getTask({ taskId }, { signal })).files,
    }),
    [clients, taskId, filesVersion, latestWorkflowId, fileCount],
  );
  const asked = useLoaded(load);
  const { value } = asked;
  useEffect(() => {
    if (value !== undefined) {
      setState((before) => loaded(before ?? { stored: [], pending: [] }, value.files));
    }
  }, [value]);

  const inTurn = useCallback(
    (call: () => Promise<void>) => {
      setBusy(true);
      const mine = queue.current.then(call).catch((thrown: unknown) => {
        showToast({ tone: "failed", text: t("files.notChanged", { cause: failureText(t, CallFailure.from(thrown)) }) });
      });
      queue.current = mine;
      void mine.then(() => queue.current === mine && setBusy(false));
    },
    [t],
  );

  const decide = useCallback(
    (decisions: readonly Decision[]) => {
      const batch = decisions.slice(0, most);
      if (batch.length === 0) {
        return;
      }
      setState((before) => before && decided(before, batch));
      inTurn(async () => {
        try {
          const { files } = await clients.tasks.selectFiles({ taskId, decisions: batch.map((decision) => ({ ...decision })) });
          setState((before) => before && taken(before, batch, files));
        } catch (thrown) {
          setState((before) => before && refused(before, batch));
          throw thrown;
        }
      });
    },
    [clients, taskId, inTurn],
  );

  const step = useCallback(
    (to: "undo" | "redo") =>
      inTurn(async () => {
        const { files } = await clients.tasks.revertTask({
          taskId,
          history: TaskHistory.FILES,
          to: to === "undo" ? { case: "undo", value: true } : { case: "redo", value: true },
        });
        setState((before) => before && loaded(before, files));
      }),
    [clients, taskId, inTurn],
  );

  const files = useMemo(() => state && shownFiles(state), [state]);
  return { files, failure: asked.failure, reload: asked.reload, decide, step, busy };
}
