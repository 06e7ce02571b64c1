import { CircleAlert, Redo2, Undo2, WandSparkles } from "lucide-react";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { TaskHistory } from "../gen/banto/v1/tasks_pb";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { failureText } from "../ui/failure-text";
import { Loading } from "../ui/states";
import { useCall } from "../ui/use-call";
import { type Autosave, longestDescription, phase, tooLong } from "./autosave";
import type { TextRange } from "./byte-range";
import type { DescriptionSaver } from "./description-saver";
import { ImprovePanel } from "./improve-panel";
import { loadImprovement } from "./improvement";
import { useAutosave, useTask } from "./task-context";

// The editor weighs more than the page.
const MarkdownEditor = lazy(async () => ({ default: (await loadPart(() => import("../editor/markdown-editor"))).MarkdownEditor }));
const UnifiedDiff = lazy(async () => ({ default: (await loadPart(() => import("../editor/unified-diff"))).UnifiedDiff }));

/** `/tasks/:taskId` */
export function DescriptionPage() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task, saver } = useTask();
  const state = useAutosave(saver);
  const { taskId } = task;
  // A task that was just made is there to be written; a phone's keyboard would cover it.
  const [fresh] = useState(() => task.description === "" && window.matchMedia("(pointer: fine)").matches);
  const [selection, setSelection] = useState<TextRange>({ from: 0, to: 0 });
  const [improving, setImproving] = useState(() => loadImprovement(sessionStorage, taskId) !== undefined);
  const step = useCall(async (to: "undo" | "redo") => {
    const saved = await saver.flush();
    if (phase(saved) !== "saved") {
      // Why stands beside the button.
      return;
    }
    const { stored } = saved;
    const answer = await clients.tasks.revertTask({
      taskId,
      history: TaskHistory.UNSPECIFIED,
      expectedVersion: stored.version,
      to: to === "undo" ? { case: "undo", value: true } : { case: "redo", value: true },
    });
    if (answer.task !== undefined) {
      saver.learn(answer.task);
    }
  });
  const now = phase(state);
  const unsaved = now === "dirty" || now === "failed" || now === "saving";
  return (
    <div className="task-body">
      <div className="editor-bar">
        <SaveState state={state} onRetry={() => void saver.flush()} />
        <button
          type="button"
          className="button button-small"
          title={t("editor.undoHelp")}
          disabled={step.pending || now === "conflict" || (!task.canUndo && !unsaved)}
          onClick={() => void step.run("undo")}
        >
          <Undo2 aria-hidden="true" size={14} /> {t("editor.undo")}
        </button>
        <button
          type="button"
          className="button button-small"
          title={t("editor.redoHelp")}
          disabled={step.pending || now !== "saved" || !task.canRedo}
          onClick={() => void step.run("redo")}
        >
          <Redo2 aria-hidden="true" size={14} /> {t("editor.redo")}
        </button>
        <button type="button" className="button button-small" aria-expanded={improving} disabled={now === "conflict"} onClick={() => setImproving(!improving)}>
          <WandSparkles aria-hidden="true" size={14} /> {t("improve.open")}
        </button>
      </div>
      {step.failure && (
        <p className="inline-failure" role="alert">
          {step.failure.is("NOTHING_TO_REVERT") ? t("editor.nothingToRevert") : t("editor.notReverted", { cause: failureText(t, step.failure) })}
        </p>
      )}
      {now === "conflict" && <ConflictPanel state={state} saver={saver} />}
      <Suspense
        fallback={
          <div className="editor-waiting">
            <Loading />
          </div>
        }
      >
        <MarkdownEditor
          label={t("editor.label")}
          placeholder={t("editor.placeholder")}
          text={state.text}
          focus={fresh}
          onType={(text) => saver.type(text)}
          onSelect={setSelection}
          onCompose={(composing) => saver.compose(composing)}
          onBlur={() => void saver.flush()}
        />
      </Suspense>
      {improving && <ImprovePanel selection={selection} onClose={() => setImproving(false)} />}
    </div>
  );
}

function SaveState({ state, onRetry }: { readonly state: Autosave; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  const now = phase(state);
  const long = tooLong(state.text);
  const words = long
    ? t("editor.tooLong", { count: longestDescription })
    : now === "failed"
      ? t("editor.notSaved", { cause: state.failure ? failureText(t, state.failure) : "" })
      : now === "conflict"
        ? t("editor.conflict")
        : now === "saving"
          ? t("editor.saving")
          : t(now === "saved" ? "editor.saved" : "editor.dirty");
  return (
    <span className="editor-state" data-state={long ? "failed" : now} data-testid="save-state">
      {(long || now === "failed" || now === "conflict") && <CircleAlert aria-hidden="true" size={14} />}
      {/* Each pause would be announced; only what needs somebody is. */}
      <span role={long || now === "failed" ? "alert" : undefined}>{words}</span>
      {now === "failed" && !long && (
        <button type="button" className="button button-small" onClick={onRetry}>
          {t("editor.retry")}
        </button>
      )}
    </span>
  );
}

function ConflictPanel({ state, saver }: { readonly state: Autosave; readonly saver: DescriptionSaver }) {
  const { t } = useTranslation();
  return (
    <section className="panel conflict-panel" role="alert" aria-label={t("editor.conflictTitle")} data-testid="conflict">
      <p>
        <strong>{t("editor.conflictTitle")}</strong>
      </p>
      <p>{t("editor.conflictText")}</p>
      <Suspense fallback={<Loading />}>
        <UnifiedDiff label={t("editor.diff")} before={state.theirs?.text ?? ""} after={state.text} />
      </Suspense>
      <div className="panel-actions">
        <button type="button" className="button" onClick={() => saver.takeTheirs()}>
          {t("editor.takeTheirs")}
        </button>
        <button type="button" className="button button-primary" onClick={() => saver.keepMine()}>
          {t("editor.keepMine")}
        </button>
      </div>
    </section>
  );
}
