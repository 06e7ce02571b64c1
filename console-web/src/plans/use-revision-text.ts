import { useCallback, useEffect, useState } from "react";
import type { CallFailure } from "../api/failure";
import { matchesDigest } from "../feed/text-digest";
import { RunState } from "../gen/banto/v1/common_pb";
import type { PlanRevision } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { useLoaded } from "../ui/use-loaded";
import { type PlanView, isWriting } from "./plan-view";

/** The text of a revision, and whether it still grows. */
export interface RevisionText {
  readonly revision: PlanRevision | undefined;
  /** Undefined: it is on its way. */
  readonly text: string | undefined;
  /** Another number is another text, which does not go on from the former. */
  readonly generation: string;
  readonly writing: boolean;
  readonly failure: CallFailure | undefined;
  readonly reload: () => void;
}

interface Fetched {
  readonly revision: PlanRevision | undefined;
  readonly text: string;
}

/** Revisions that ended never change. */
const fetched = new Map<string, Fetched>();
const most = 6;

/** What was just saved or read need not be asked for. */
export function rememberRevision(revision: PlanRevision, text: string): void {
  fetched.delete(revision.revisionId);
  fetched.set(revision.revisionId, { revision, text });
  for (const oldest of [...fetched.keys()].slice(0, Math.max(0, fetched.size - most))) {
    fetched.delete(oldest);
  }
}

/** Reads a revision, of a plan that is open or of another one. */
export function useFetchedRevision(revisionId: string | undefined) {
  const { clients } = useConsole();
  const load = useCallback(
    async (signal: AbortSignal): Promise<Fetched | undefined> => {
      if (revisionId === undefined || revisionId === "") {
        return undefined;
      }
      const known = fetched.get(revisionId);
      if (known !== undefined) {
        return known;
      }
      const { revision, text } = await clients.plans.getRevision({ revisionId }, { signal });
      if (revision?.endedAt !== undefined) {
        rememberRevision(revision, text);
      }
      return { revision, text };
    },
    [clients, revisionId],
  );
  const loaded = useLoaded(load);
  // What was loaded before is the text of another revision.
  const value = loaded.value?.revision?.revisionId === revisionId ? loaded.value : undefined;
  return { ...loaded, value };
}

/** The text of a revision of an open plan: as it is written, else as it is stored. */
export function useRevisionText(view: PlanView, revisionId: string): RevisionText {
  const { written } = view;
  const live = written?.revisionId === revisionId ? written : undefined;
  const writing = isWriting(view, revisionId);
  const known = view.revisions.find((candidate) => candidate.revisionId === revisionId);
  const hash = writing ? "" : (known?.contentHash ?? "");
  const [wrong, setWrong] = useState("");
  const liveText = live?.text;
  useEffect(() => {
    let gone = false;
    if (liveText !== undefined && hash !== "") {
      void matchesDigest(liveText, hash).then((matches) => gone || matches || setWrong(revisionId));
    }
    return () => {
      gone = true;
    };
  }, [liveText, hash, revisionId]);
  const sound = wrong === revisionId ? undefined : live;
  const { value, failure, reload } = useFetchedRevision(sound === undefined ? revisionId : undefined);
  return {
    revision: known ?? value?.revision,
    text: sound?.text ?? value?.text,
    generation: sound === undefined ? revisionId : `${revisionId} ${sound.generation}`,
    writing,
    failure: sound === undefined ? failure : undefined,
    reload,
  };
}

/** Whether a text is whole, as far as the server can say. */
export function isPartial({ state }: PlanRevision): boolean {
  return state !== RunState.COMPLETED && state !== RunState.QUEUED && state !== RunState.RUNNING;
}
