import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type FormEvent, type ReactNode, Suspense, lazy, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { clientId } from "../conversation/client-id";
import { isRunning } from "../conversation/conversation-view";
import { RunState } from "../gen/banto/v1/common_pb";
import type { GetJobResponse } from "../gen/banto/v1/jobs_pb";
import { useJob } from "../jobs/use-job";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { CopyButton } from "../ui/copy-button";
import { failureKindName, stateName } from "../ui/format";
import { IconButton } from "../ui/icon-button";
import { Loading, Refused } from "../ui/states";
import { showToast } from "../ui/toast";
import { useCall } from "../ui/use-call";
import { WorkRefused } from "../workspaces/work-refused";
import { phase } from "./autosave";
import { type TextRange, byteRange, relocate, wholeCharacters } from "./byte-range";
import { type Improvement, loadImprovement, saveImprovement } from "./improvement";
import { useAutosave, useTask } from "./task-context";

const UnifiedDiff = lazy(async () => ({ default: (await loadPart(() => import("../editor/unified-diff"))).UnifiedDiff }));

interface ImprovePanelProps {
  readonly selection: TextRange;
  readonly onClose: () => void;
}

/** Has a model write a passage better; a person looks at it before it takes effect. */
export function ImprovePanel({ selection, onClose }: ImprovePanelProps) {
  const { t } = useTranslation();
  const { task } = useTask();
  const { taskId } = task;
  const [improvement, setImprovement] = useState(() => loadImprovement(sessionStorage, taskId));
  const keep = (next: Improvement | undefined) => {
    saveImprovement(sessionStorage, taskId, next);
    setImprovement(next);
  };
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id} data-testid="improve">
      <div className="panel-head">
        <h2 id={id}>{t("improve.title")}</h2>
        <IconButton
          icon={X}
          label={t("dialog.close")}
          onClick={() => {
            keep(undefined);
            onClose();
          }}
        />
      </div>
      {improvement === undefined ? (
        <ImproveForm selection={selection} onStarted={keep} />
      ) : (
        <ImproveResult
          key={improvement.jobId}
          improvement={improvement}
          onAgain={() => keep(undefined)}
          onDone={() => {
            keep(undefined);
            onClose();
          }}
        />
      )}
    </section>
  );
}

function ImproveForm({ selection, onStarted }: { readonly selection: TextRange; readonly onStarted: (improvement: Improvement) => void }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task, saver } = useTask();
  const { text } = useAutosave(saver);
  const [instructions, setInstructions] = useState("");
  const id = useId();
  const range = selection.from === selection.to || selection.to > text.length ? { from: 0, to: text.length } : wholeCharacters(text, selection);
  const whole = range.to - range.from === text.length;
  const start = useCall(async () => {
    const saved = await saver.flush();
    if (phase(saved) !== "saved") {
      // Why stands above the text.
      return;
    }
    const { job } = await clients.tasks.improveText({
      taskId: task.taskId,
      expectedVersion: saved.stored.version,
      ...byteRange(saved.text, range),
      instructions: instructions.trim(),
      requestId: clientId(),
    });
    if (job !== undefined) {
      onStarted({ jobId: job.jobId, passage: saved.text.slice(range.from, range.to), from: range.from });
    }
  });
  const empty = text.slice(range.from, range.to).trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!empty && !start.pending) {
      void start.run();
    }
  };
  return (
    <form className="task-body" onSubmit={submit} noValidate>
      <p data-testid="improve-range">
        {whole ? t("improve.whole") : t("improve.passage", { count: Array.from(text.slice(range.from, range.to)).length })}{" "}
        {whole && <span className="soft small">{t("improve.select")}</span>}
      </p>
      <div className="form-field">
        <label htmlFor={id}>{t("improve.instructions")}</label>
        <textarea
          id={id}
          className="field"
          rows={2}
          maxLength={2000}
          aria-describedby={`${id}-help`}
          placeholder={t("improve.instructionsExample")}
          value={instructions}
          onChange={({ target }) => setInstructions(target.value)}
        />
        <p className="soft small" id={`${id}-help`}>
          {t("improve.instructionsHelp")} {t("improve.sends")}
        </p>
      </div>
      {start.failure && <WorkRefused failure={start.failure} />}
      <div className="panel-actions">
        <button type="submit" className="button button-primary" disabled={empty || start.pending}>
          {start.pending ? t("improve.starting") : t("improve.start")}
        </button>
        {empty && <span className="soft small">{t("improve.emptyText")}</span>}
      </div>
    </form>
  );
}

interface ImproveResultProps {
  readonly improvement: Improvement;
  readonly onAgain: () => void;
  readonly onDone: () => void;
}

function ImproveResult({ improvement, onAgain, onDone }: ImproveResultProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { detail, failure, reload } = useJob(improvement.jobId);
  const cancel = useCall(() => clients.jobs.cancelJob({ jobId: improvement.jobId }));
  const job = detail?.job;
  const link = (
    <Link to="/jobs/$jobId" params={{ jobId: improvement.jobId }} className="small">
      {t("improve.job")}
    </Link>
  );
  if (job === undefined) {
    return failure ? (
      <>
        <Refused failure={failure} scope="read" onRetry={reload} />
        <Again onAgain={onAgain} />
      </>
    ) : (
      <Loading />
    );
  }
  if (isRunning(job.state)) {
    return (
      <>
        <p className="panel-line">
          <span className="spinner" aria-hidden="true" />
          <span role="status">{t(job.state === RunState.QUEUED ? "improve.queued" : "improve.running")}</span>
          {link}
          <button type="button" className="button button-small" disabled={cancel.pending} onClick={() => void cancel.run()}>
            {cancel.pending ? t("improve.cancelling") : t("improve.cancel")}
          </button>
        </p>
        {cancel.failure && <Refused failure={cancel.failure} scope="chat" />}
      </>
    );
  }
  if (job.state !== RunState.COMPLETED) {
    return (
      <>
        <p className="panel-line" role="alert">
          {t("improve.ended", { state: stateName(t, job.state), cause: job.failure ? failureKindName(t, job.failure.kind) : "" })} {link}
        </p>
        <Again onAgain={onAgain} />
      </>
    );
  }
  return <Proposal improvement={improvement} detail={detail} onDone={onDone} link={link} />;
}

function Again({ onAgain }: { readonly onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="panel-actions">
      <button type="button" className="button" onClick={onAgain}>
        {t("improve.again")}
      </button>
    </div>
  );
}

interface ProposalProps {
  readonly improvement: Improvement;
  readonly detail: GetJobResponse | undefined;
  readonly link: ReactNode;
  readonly onDone: () => void;
}

/** The passage as it was and as it would be. Nothing has changed before somebody applies it. */
function Proposal({ improvement, detail, link, onDone }: ProposalProps) {
  const { t } = useTranslation();
  const { saver } = useTask();
  const state = useAutosave(saver);
  const proposed = detail?.response ?? "";
  const place = relocate(state.text, improvement.passage, improvement.from);
  const apply = useCall(async () => {
    // What was written since belongs to another version than the improvement.
    const { text } = await saver.flush();
    const now = relocate(text, improvement.passage, improvement.from);
    if (now === undefined) {
      return;
    }
    saver.type(text.slice(0, now.from) + proposed + text.slice(now.to));
    await saver.flush(improvement.jobId);
    showToast({ text: t("improve.appliedToast") });
    onDone();
  });
  const same = proposed === improvement.passage;
  return (
    <>
      <p className="panel-line" role="status">
        <strong>{proposed === "" ? t("improve.empty") : same ? t("improve.same") : t("improve.result")}</strong>
        {proposed !== "" && !same && <span className="soft small">{t("improve.resultHelp")}</span>}
        {link}
      </p>
      {proposed !== "" && !same && (
        <Suspense fallback={<Loading />}>
          <UnifiedDiff label={t("improve.result")} before={improvement.passage} after={proposed} />
        </Suspense>
      )}
      {place === undefined && (
        <p className="inline-failure" role="alert" data-testid="improve-lost">
          {t("improve.lost")}
        </p>
      )}
      {place !== undefined && place.from !== improvement.from && <p className="soft small">{t("improve.moved")}</p>}
      <div className="panel-actions">
        <button
          type="button"
          className="button button-primary"
          disabled={place === undefined || proposed === "" || same || apply.pending || phase(state) === "conflict"}
          onClick={() => void apply.run()}
        >
          {apply.pending ? t("improve.applying") : t("improve.apply")}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {t("improve.discard")}
        </button>
        {proposed !== "" && <CopyButton text={proposed} label={t("improve.copy")} />}
      </div>
    </>
  );
}
