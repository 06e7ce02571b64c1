import { CircleCheck, CircleDashed, CircleDot, CircleX } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { type FileChange, OutcomeState, type VerifyOutcomeResponse } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { DiffHunks } from "./diff-hunks";
import { usePlan } from "./plan-context";

const states: ReadonlyMap<OutcomeState, "done" | "partly" | "missing" | "nothing"> = new Map([
  [OutcomeState.DONE, "done"],
  [OutcomeState.PARTLY, "partly"],
  [OutcomeState.MISSING, "missing"],
  [OutcomeState.NOTHING_TO_CHECK, "nothing"],
]);
const icons = { done: CircleCheck, partly: CircleDot, missing: CircleX, nothing: CircleDashed } as const;
const kinds: ReadonlySet<string> = new Set(["added", "modified", "deleted", "moved"]);
const anchorOf = (path: string) => `change-${encodeURIComponent(path)}`;

/** What became of the plan in the files. */
export function OutcomeView() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { plan, view, search } = usePlan();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [found, setFound] = useState<VerifyOutcomeResponse>();
  const id = useId();
  const look = useCall(async () => {
    setFound(await clients.plans.verifyOutcome({ planId: plan.planId, revisionId: search.revision ?? "", fromCommit: from.trim(), toCommit: to.trim() }));
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!look.pending) {
      void look.run();
    }
  };
  const base = plan.bases[0]?.commit ?? "";
  const revision = view.revisions.find(({ revisionId }) => revisionId === found?.revisionId);
  return (
    <div className="outcome">
      <form className="panel" onSubmit={submit} noValidate>
        <p className="soft small">{t("plan.outcome.lead")}</p>
        <div className="outcome-range">
          <div className="form-field">
            <label htmlFor={`${id}-from`}>{t("plan.outcome.from")}</label>
            <input id={`${id}-from`} className="field mono" maxLength={64} spellCheck={false} placeholder={base.slice(0, 12)} value={from} aria-describedby={`${id}-from-help`} onChange={({ target }) => setFrom(target.value)} />
            <p className="soft small" id={`${id}-from-help`}>
              {t("plan.outcome.fromHelp")}
            </p>
          </div>
          <div className="form-field">
            <label htmlFor={`${id}-to`}>{t("plan.outcome.to")}</label>
            <input id={`${id}-to`} className="field mono" maxLength={64} spellCheck={false} value={to} aria-describedby={`${id}-to-help`} onChange={({ target }) => setTo(target.value)} />
            <p className="soft small" id={`${id}-to-help`}>
              {t("plan.outcome.toHelp")}
            </p>
          </div>
        </div>
        {look.failure && <Refused failure={look.failure} scope="read" title={t("plan.outcome.failed")} />}
        <div className="panel-actions">
          <button type="submit" className="button button-primary" disabled={look.pending}>
            {look.pending ? t("plan.outcome.looking") : t("plan.outcome.look")}
          </button>
        </div>
      </form>
      {found && (
        <div className="outcome-found" data-testid="outcome">
          <p className="panel-line" role="status">
            <strong>{t("plan.outcome.all")}:</strong> <State state={found.state} /> {revision && <span className="soft small">{t("plan.outcome.ofRevision", { number: String(revision.number) })}</span>}
          </p>
          <Steps found={found} />
          <Unplanned found={found} />
          <section aria-label={t("plan.outcome.changes")}>
            <h2>{t("plan.outcome.changes")}</h2>
            {found.changes.length === 0 && <p className="soft">{t("plan.outcome.noChanges")}</p>}
            {found.changes.map((change) => (
              <Change key={change.path} change={change} />
            ))}
          </section>
        </div>
      )}
    </div>
  );
}

function State({ state }: { readonly state: OutcomeState }) {
  const { t } = useTranslation();
  const name = states.get(state) ?? "nothing";
  const Icon = icons[name];
  return (
    <span className="outcome-state" data-outcome={name}>
      <Icon aria-hidden="true" size={15} /> {t(`plan.outcome.state.${name}`)}
    </span>
  );
}

/** The way from a path to what changed there, where something did. */
function ChangedPath({ path, found }: { readonly path: string; readonly found: VerifyOutcomeResponse }) {
  const changed = found.changes.some((change) => change.path === path || change.from === path);
  const go = () => {
    const details = document.getElementById(anchorOf(found.changes.find((change) => change.path === path || change.from === path)?.path ?? path));
    if (details instanceof HTMLDetailsElement) {
      details.open = true;
      details.scrollIntoView({ block: "start" });
      details.querySelector("summary")?.focus({ preventScroll: true });
    }
  };
  return changed ? (
    <button type="button" className="outcome-path mono" onClick={go}>
      {path}
    </button>
  ) : (
    <span className="mono">{path}</span>
  );
}

function Steps({ found }: { readonly found: VerifyOutcomeResponse }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("plan.outcome.steps")}>
      <h2>{t("plan.outcome.steps")}</h2>
      <ol className="outcome-steps">
        {found.steps.map(({ number, title, state, operations }) => (
          <li key={number} data-step={number} data-outcome={states.get(state)}>
            <p className="panel-line">
              <strong>
                {number} {title}
              </strong>
              <State state={state} />
            </p>
            <ul>
              {operations.map((operation, index) => (
                // Operations of one step never change their places.
                // oxlint-disable-next-line react/no-array-index-key
                <li key={index} className="outcome-operation" data-outcome={states.get(operation.state)}>
                  <State state={operation.state} /> <span className="soft small">{operation.type}</span> <ChangedPath path={operation.path} found={found} />{" "}
                  <span className="soft small" lang="en">
                    {sentence(operation.why)}
                  </span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Unplanned({ found }: { readonly found: VerifyOutcomeResponse }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("plan.outcome.unplanned")} data-testid="unplanned">
      <h2>{t("plan.outcome.unplanned")}</h2>
      {found.unplannedPaths.length === 0 ? (
        <p className="soft">{t("plan.outcome.noUnplanned")}</p>
      ) : (
        <ul>
          {found.unplannedPaths.map((path) => (
            <li key={path}>
              <ChangedPath path={path} found={found} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Change({ change }: { readonly change: FileChange }) {
  const { t } = useTranslation();
  const { path, from, kind, addedLines, removedLines, hunks, truncated } = change;
  return (
    <details className="outcome-change" id={anchorOf(path)} data-path={path}>
      <summary>
        <span className="mono">{path}</span>{" "}
        <span className="soft small">
          {kinds.has(kind) ? t(`plan.outcome.kind.${kind as "added"}`) : kind} {t("plan.outcome.lines", { added: addedLines, removed: removedLines })} {from !== "" && t("plan.outcome.movedFrom", { path: from })}
        </span>
      </summary>
      <DiffHunks hunks={hunks} />
      {truncated && <p className="soft small">{t("plan.outcome.cut")}</p>}
    </details>
  );
}
