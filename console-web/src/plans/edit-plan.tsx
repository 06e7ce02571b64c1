import { Suspense, lazy, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { CallFailure } from "../api/failure";
import { useCommands } from "../commands/use-commands";
import { XmlEditor } from "../editor/xml-editor";
import type { FindingFix } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { ByteIndex } from "../tasks/byte-range";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { failureText } from "../ui/failure-text";
import { Loading, Refused } from "../ui/states";
import { showToast } from "../ui/toast";
import { findingSpan, severitySlug } from "./findings";
import { keepFocus } from "./keep-focus";
import { usePlan } from "./plan-context";
import { editPhase } from "./plan-draft";
import { type PlanEditing, storedDraft, usePlanEdit } from "./use-plan-edit";
import { useFetchedRevision } from "./use-revision-text";

const UnifiedDiff = lazy(async () => ({ default: (await loadPart(() => import("../editor/unified-diff"))).UnifiedDiff }));

/** So long nothing is typed before the text is checked. */
const checkPauseMs = 500;
const longestBytes = 2 * 1024 * 1024;

/** The newest text, to be changed by hand. */
export function EditPlan() {
  const { t } = useTranslation();
  const { plan, view } = usePlan();
  const { planId } = plan;
  const [stored] = useState(() => storedDraft(planId));
  const newest = plan.headRevisionId || (view.revisions.find(({ endedAt }) => endedAt !== undefined)?.revisionId ?? "");
  const [first] = useState(() => ({ revisionId: stored?.revisionId ?? newest, version: stored ? BigInt(stored.version) : plan.version }));
  const began = first.revisionId === "" ? { revisionId: newest, version: plan.version } : first;
  const { value, failure, reload } = useFetchedRevision(began.revisionId);
  if (began.revisionId === "") {
    return <p className="soft">{t("plan.edit.waiting")}</p>;
  }
  if (value === undefined) {
    return failure ? <Refused failure={failure} scope="read" title={t("plan.textFailed")} onRetry={reload} /> : <Loading />;
  }
  return <Editor key={began.revisionId} base={began} baseText={value.text} stored={stored} />;
}

interface EditorProps {
  readonly base: { readonly revisionId: string; readonly version: bigint };
  readonly baseText: string;
  readonly stored: ReturnType<typeof storedDraft>;
}

function Editor({ base, baseText, stored }: EditorProps) {
  const { t } = useTranslation();
  const { target, checked, search, document: structure, setApplyFix } = usePlan();
  const [current, setCurrent] = useState({ base, text: baseText });
  const editing = usePlanEdit(current.base, current.text, stored);
  const { edit, handle, onReady, onType, settled } = editing;
  // A newer base that nobody wrote over comes with its text.
  const newer = useFetchedRevision(edit.base.revisionId === current.base.revisionId ? undefined : edit.base.revisionId);
  const newerText = newer.value?.text;
  useEffect(() => {
    if (newerText !== undefined) {
      setCurrent({ base: edit.base, text: newerText });
    }
  }, [newerText, edit.base]);
  useCheck(editing, settled);

  const save = useCallback(async () => {
    const revision = await editing.save();
    if (revision) {
      showToast({ text: t("plan.edit.saved", { number: String(revision.number) }) });
    }
  }, [editing, t]);
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  const commands = useMemo(() => [{ id: "save-plan", group: "plans", here: true, title: t("plan.keys.save"), run: () => void latest.current() } as const], [t]);
  useCommands(commands);

  useEffect(() => {
    if (target) {
      handle.current?.goTo(target.span.from, target.span.to);
    }
  }, [target, handle]);
  const start = useRef(search.step);
  useEffect(() => {
    const step = structure.steps.find(({ number }) => number === start.current);
    if (step && handle.current) {
      start.current = undefined;
      handle.current.goTo(step.from, step.from);
    }
  }, [structure, handle]);
  useEffect(() => {
    if (checked === undefined) {
      return undefined;
    }
    const { text, index, findings } = checked;
    const apply = (fix: FindingFix) => {
      const place = findingSpan(index, fix);
      handle.current?.change(text, place.from, place.to, fix.replacement);
    };
    handle.current?.show(
      text,
      findings.map((finding) => {
        const { fix, message } = finding;
        return {
          ...findingSpan(index, finding),
          severity: severitySlug(finding.severity),
          message,
          ...(fix && { actions: [{ name: t("plan.problems.fix", { label: fix.label }), apply: () => apply(fix) }] }),
        };
      }),
    );
    setApplyFix(apply);
    return () => setApplyFix(undefined);
  }, [checked, handle, setApplyFix, t]);

  return (
    <div className="plan-edit">
      <SaveBar editing={editing} onSave={() => void save()} />
      {edit.theirs && <Conflict editing={editing} />}
      <XmlEditor label={t("plan.edit.label")} unfold={t("plan.fold")} text={stored?.text ?? baseText} onReady={onReady} onType={onType} onSave={() => void save()} />
    </div>
  );
}

function SaveBar({ editing, onSave }: { readonly editing: PlanEditing; readonly onSave: () => void }) {
  const { t } = useTranslation();
  const { edit, message, setMessage, kept, discard, handle, settled } = editing;
  const [asking, setAsking] = useState(false);
  const id = useId();
  const bar = useRef<HTMLDivElement>(null);
  const phase = editPhase(edit);
  // It is measured when the text settled, not with each key.
  const long = useMemo(() => {
    const text = settled > 0 ? (handle.current?.text() ?? "") : "";
    return text.length * 3 > longestBytes && new ByteIndex(text).bytes > longestBytes;
  }, [settled, handle]);
  const words = long
    ? t("plan.edit.tooLong")
    : phase === "failed"
      ? t("plan.edit.notSaved", { cause: edit.failure ? failureText(t, edit.failure) : "" })
      : phase === "conflict"
        ? t("editor.conflict")
        : phase === "saving"
          ? t("plan.edit.saving")
          : phase === "dirty"
            ? t(kept ? "plan.edit.dirty" : "plan.edit.notKept")
            : t("plan.edit.clean", { number: String(edit.base.version) });
  const bad = long || phase === "failed" || phase === "conflict" || !kept;
  return (
    <div className="plan-save" ref={bar}>
      <label htmlFor={id} className="visually-hidden">
        {t("plan.edit.message")}
      </label>
      <input id={id} className="field" maxLength={500} placeholder={t("plan.edit.message")} value={message} onChange={({ target }) => setMessage(target.value)} />
      <button
        type="button"
        className="button button-primary"
        disabled={long || phase === "clean" || phase === "saving" || phase === "conflict"}
        onClick={() => {
          onSave();
          keepFocus(bar.current);
        }}
      >
        {phase === "saving" ? t("plan.edit.saving") : t("plan.edit.save")}
      </button>
      <button type="button" className="button" disabled={!edit.dirty || phase === "saving"} onClick={() => setAsking(true)}>
        {t("plan.edit.discard")}
      </button>
      <span className={bad ? "inline-failure" : "soft small"} role={bad ? "alert" : "status"} tabIndex={-1} data-testid="plan-save-state" data-state={long ? "failed" : phase}>
        {words}
      </span>
      <ConfirmDialog
        open={asking}
        title={t("plan.edit.discard")}
        text={t("plan.edit.discardAsk")}
        action={t("plan.edit.discard")}
        onConfirm={() => {
          setAsking(false);
          discard();
        }}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

function Conflict({ editing }: { readonly editing: PlanEditing }) {
  const { t } = useTranslation();
  const { edit, handle, takeTheirs, keepMine, settled } = editing;
  const { theirs } = edit;
  const { value, failure, reload } = useFetchedRevision(theirs?.revisionId);
  // What is compared follows the text when it settles.
  const mine = useMemo(() => (settled > 0 ? (handle.current?.text() ?? "") : ""), [settled, handle]);
  return (
    <section className="panel conflict-panel" role="alert" aria-label={t("plan.edit.conflictTitle", { number: String(theirs?.version) })} data-testid="plan-conflict">
      <p>
        <strong>{t("plan.edit.conflictTitle", { number: String(theirs?.version) })}</strong> {value?.revision && `${value.revision.by}${value.revision.message === "" ? "" : `: ${sentence(value.revision.message)}`}`}
      </p>
      <p>{t("plan.edit.conflictText")}</p>
      {value === undefined ? (
        failure ? <Refused failure={failure} scope="read" onRetry={reload} /> : <Loading />
      ) : (
        <Suspense fallback={<Loading />}>
          <UnifiedDiff label={t("editor.diff")} before={value.text} after={mine} />
        </Suspense>
      )}
      <div className="panel-actions">
        <button type="button" className="button" disabled={value === undefined} onClick={() => value && takeTheirs(value.text)}>
          {t("plan.edit.takeTheirs")}
        </button>
        <button type="button" className="button button-primary" disabled={value === undefined} onClick={() => value && keepMine(value.text)}>
          {t("plan.edit.keepMine")}
        </button>
      </div>
    </section>
  );
}

/** Has the text checked whenever it stands still. */
function useCheck({ handle }: PlanEditing, settled: number): void {
  const { clients } = useConsole();
  const { plan, setChecked } = usePlan();
  const { planId } = plan;
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const text = handle.current?.text() ?? "";
      if (text === "") {
        return;
      }
      clients.plans.checkPlan({ planId, text }, { signal: abort.signal }).then(
        ({ findings }) => abort.signal.aborted || setChecked({ text, index: new ByteIndex(text), findings }),
        (thrown: unknown) => abort.signal.aborted || setChecked(undefined, CallFailure.from(thrown)),
      );
    }, checkPauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [clients, planId, settled, handle, setChecked]);
}
