import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { CallFailure } from "../api/failure";
import { clientId } from "../conversation/client-id";
import { repeated } from "../conversation/deliver";
import type { XmlEditorHandle } from "../editor/xml-editor";
import type { PlanRevision } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { usePlan } from "./plan-context";
import { type PlanBase, type PlanEdit, type StoredDraft, beginEdit, editedNow, keepMineAfter, learnedNow, loadPlanDraft, notSaved, savable, saveAttempt, savePlanDraft, savedNow, savingNow, takeTheirsOver } from "./plan-draft";
import { readPlan } from "./plan-document";
import { rememberRevision } from "./use-revision-text";

/** Longer texts are looked at less often. */
const longText = 200_000;

export interface PlanEditing {
  readonly edit: PlanEdit;
  readonly handle: RefObject<XmlEditorHandle | undefined>;
  readonly onReady: (handle: XmlEditorHandle | undefined) => void;
  readonly onType: () => void;
  readonly message: string;
  readonly setMessage: (message: string) => void;
  /** The draft lies in this browser. */
  readonly kept: boolean;
  /** Rises when the text settled. */
  readonly settled: number;
  /** Resolves to the revision; undefined: it was not saved, and `edit` says why. */
  readonly save: () => Promise<PlanRevision | undefined>;
  readonly discard: () => void;
  readonly takeTheirs: (text: string) => void;
  readonly keepMine: (text: string) => void;
}

/** Keeps what is written into a plan, and saves it when it is told to. */
export function usePlanEdit(base: PlanBase, baseText: string, stored: StoredDraft | undefined): PlanEditing {
  const { clients } = useConsole();
  const { plan, setEdited } = usePlan();
  const { planId } = plan;
  const [edit, setEdit] = useState(() => beginEdit(base, stored !== undefined));
  const [message, setMessageState] = useState(stored?.message ?? "");
  const [kept, setKept] = useState(true);
  const [settled, setSettled] = useState(0);
  const handle = useRef<XmlEditorHandle | undefined>(undefined);
  // What the timers and the way out read; the page is drawn from the state.
  const now = useRef({ edit, message, baseText, attempt: stored?.attempt, last: stored?.text ?? baseText });
  useEffect(() => {
    now.current = { ...now.current, edit, message };
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const settle = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const { edit: state, message: words, baseText: from, attempt } = now.current;
    const text = handle.current?.text() ?? now.current.last;
    now.current.last = text;
    const dirty = text !== from;
    setEdit((before) => editedNow(before, dirty));
    const draft = dirty ? { text, revisionId: state.base.revisionId, version: String(state.base.version), message: words, ...(attempt && { attempt }) } : undefined;
    setKept(savePlanDraft(localStorage, planId, draft));
    setEdited(readPlan(text));
    setSettled((before) => before + 1);
  }, [planId, setEdited]);

  const onType = useCallback(() => {
    if (!now.current.edit.dirty) {
      now.current.edit = { ...now.current.edit, dirty: true };
      setEdit((before) => editedNow(before, true));
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => requestIdle(settle), now.current.last.length > longText ? 1500 : 400);
  }, [settle]);

  const onReady = useCallback((ready: XmlEditorHandle | undefined) => {
    if (ready === undefined && timer.current !== undefined) {
      settle();
    }
    handle.current = ready;
    if (ready !== undefined) {
      settle();
    }
  }, [settle]);

  useEffect(() => {
    const leave = () => timer.current !== undefined && settle();
    const onHide = () => document.hidden && leave();
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", onHide);
    return () => {
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", onHide);
      clearTimeout(timer.current);
      setEdited(undefined);
    };
  }, [settle, setEdited]);

  useEffect(() => {
    if (kept || !edit.dirty) {
      return undefined;
    }
    // What does not fit into this browser's storage would be lost.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [kept, edit.dirty]);

  const { headRevisionId, version } = plan;
  useEffect(() => {
    setEdit((before) => learnedNow(before, { revisionId: headRevisionId, version }));
  }, [headRevisionId, version, edit.saving]);

  // Somebody else's text was taken as the base, because nothing was written here.
  const reset = useCallback((text: string) => {
    now.current.baseText = text;
    now.current.attempt = undefined;
    handle.current?.replace(text);
    settle();
  }, [settle]);
  useEffect(() => {
    if (edit.base.revisionId === base.revisionId && baseText !== now.current.baseText && !now.current.edit.dirty) {
      reset(baseText);
    }
  }, [edit.base.revisionId, base.revisionId, baseText, reset]);

  const save = async () => {
    const text = handle.current?.text() ?? now.current.last;
    if (!savable({ ...edit, dirty: text !== now.current.baseText })) {
      return undefined;
    }
    const attempt = saveAttempt(now.current, text, clientId);
    now.current.attempt = attempt;
    setEdit(savingNow);
    settle();
    try {
      const { revision, plan: after } = await repeated(() => clients.plans.saveRevision({ planId, expectedVersion: edit.base.version, text, message: message.trim(), requestId: attempt.requestId }));
      if (revision) {
        rememberRevision(revision, text);
      }
      now.current.baseText = text;
      now.current.attempt = undefined;
      setMessageState("");
      setEdit((before) => savedNow(before, { revisionId: revision?.revisionId ?? before.base.revisionId, version: revision?.number ?? after?.version ?? before.base.version }, (handle.current?.text() ?? text) !== text));
      settle();
      return revision;
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      setEdit((before) => notSaved(before, failure));
      if (failure.is("VERSION_CONFLICT")) {
        const known = await clients.plans.getPlan({ planId }).catch(() => undefined);
        if (known?.plan) {
          const newest = { revisionId: known.plan.headRevisionId, version: known.plan.version };
          setEdit((before) => learnedNow({ ...before, failure: undefined, dirty: true }, newest));
        }
      }
      return undefined;
    }
  };
  return {
    edit,
    handle,
    onReady,
    onType,
    message,
    setMessage: (words) => {
      setMessageState(words);
      onType();
    },
    kept,
    settled,
    save,
    discard: () => reset(now.current.baseText),
    takeTheirs: (text) => {
      setEdit(takeTheirsOver);
      now.current.edit = { ...now.current.edit, dirty: false };
      reset(text);
    },
    keepMine: (text) => {
      now.current.baseText = text;
      setEdit(keepMineAfter);
      settle();
    },
  };
}

function requestIdle(run: () => void): void {
  if ("requestIdleCallback" in globalThis) {
    requestIdleCallback(run, { timeout: 1000 });
  } else {
    setTimeout(run, 0);
  }
}

/** The draft that lies in this browser, if it is of this plan. */
export function storedDraft(planId: string): StoredDraft | undefined {
  return loadPlanDraft(localStorage, planId);
}
