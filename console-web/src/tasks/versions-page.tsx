import { Link } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { TaskHistory, type TaskVersion, TaskVersionCause } from "../gen/banto/v1/tasks_pb";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { failureText } from "../ui/failure-text";
import { exactMomentText, momentText } from "../ui/format";
import { Failed, Loading, Refused } from "../ui/states";
import { showToast } from "../ui/toast";
import { useCall } from "../ui/use-call";
import { usePages } from "../ui/use-pages";
import { useTask } from "./task-context";
import { type VersionGroup, groupVersions } from "./version-groups";

const UnifiedDiff = lazy(async () => ({ default: (await loadPart(() => import("../editor/unified-diff"))).UnifiedDiff }));

const pageSize = 50;

const causes = [
  [TaskVersionCause.CREATED, "created"],
  [TaskVersionCause.EDITED, "edited"],
  [TaskVersionCause.IMPROVED, "improved"],
  [TaskVersionCause.UNDONE, "undone"],
  [TaskVersionCause.REDONE, "redone"],
  [TaskVersionCause.REVERTED, "reverted"],
] as const;

const causeName = (cause: TaskVersionCause) => causes.find(([known]) => known === cause)?.[1] ?? "unknown";

/** `/tasks/:taskId/versions` */
export function VersionsPage() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task } = useTask();
  const { taskId, descriptionVersion } = task;
  const [chosen, setChosen] = useState<bigint>();
  const load = useCallback(
    async (from: string, signal: AbortSignal) => {
      // A new version is a reason to look again.
      const beforeVersion = from === "" ? descriptionVersion + 1n : BigInt(from);
      const { versions, hasEarlier } = await clients.tasks.listTaskVersions(
        { taskId, history: TaskHistory.UNSPECIFIED, beforeVersion, pageSize },
        { signal },
      );
      return { items: versions, next: hasEarlier ? String(versions.at(-1)?.version ?? "") : "" };
    },
    [clients, taskId, descriptionVersion],
  );
  const listed = usePages(load);
  const groups = useMemo(() => groupVersions(listed.items), [listed.items]);
  const shown = listed.items.find(({ version }) => version === chosen) ?? listed.items[0];
  if (shown === undefined) {
    return listed.failure ? <Refused failure={listed.failure} scope="read" title={t("versions.failed")} onRetry={listed.reload} /> : <Loading />;
  }
  return (
    <>
      <p className="soft">{t("versions.lead")}</p>
      <div className="versions">
        <div>
          <ol className="version-list" aria-label={t("versions.list")}>
            {groups.map((group) => (
              <Group key={String(group.oldest.version)} group={group} shown={shown.version} current={descriptionVersion} onChoose={setChosen} />
            ))}
          </ol>
          {listed.failure && <Failed title={t("versions.failed")} detail={failureText(t, listed.failure)} onRetry={listed.loadMore} />}
          {listed.hasMore && (
            <button type="button" className="button tasks-more" disabled={listed.loading} onClick={listed.loadMore}>
              {listed.loading ? t("error.loading") : t("versions.more")}
            </button>
          )}
        </div>
        <VersionDetail version={shown} versions={listed.items} />
      </div>
    </>
  );
}

interface GroupProps {
  readonly group: VersionGroup;
  readonly shown: bigint;
  readonly current: bigint;
  readonly onChoose: (version: bigint) => void;
}

function Group({ group, shown, current, onChoose }: GroupProps) {
  const { t } = useTranslation();
  const { newest, oldest, versions } = group;
  const [open, setOpen] = useState(false);
  const name =
    versions.length === 1
      ? t("versions.version", { number: String(newest.version) })
      : t("versions.range", { first: String(oldest.version), last: String(newest.version) });
  return (
    <li>
      <VersionButton version={newest} name={name} shown={shown} current={current} onChoose={onChoose} />
      {versions.length > 1 && (
        <>
          <button type="button" className="button button-small version-steps-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t("versions.showSteps")} ({t("versions.steps", { count: versions.length })})
          </button>
          {open && (
            <ol className="version-steps">
              {versions.map((version) => (
                <li key={String(version.version)}>
                  <VersionButton
                    version={version}
                    name={t("versions.version", { number: String(version.version) })}
                    shown={shown}
                    current={current}
                    onChoose={onChoose}
                  />
                </li>
              ))}
            </ol>
          )}
        </>
      )}
    </li>
  );
}

interface VersionButtonProps {
  readonly version: TaskVersion;
  readonly name: string;
  readonly shown: bigint;
  readonly current: bigint;
  readonly onChoose: (version: bigint) => void;
}

function VersionButton({ version, name, shown, current, onChoose }: VersionButtonProps) {
  const { t, i18n } = useTranslation();
  return (
    <button
      type="button"
      className="version-button"
      data-version={String(version.version)}
      aria-current={version.version === shown}
      onClick={() => onChoose(version.version)}
    >
      <span>
        {name} {version.version === current && <span className="tag">{t("versions.current")}</span>}
      </span>
      <span className="soft small">
        {t(`versions.cause.${causeName(version.cause)}`)}
        {version.restoredVersion > 0n && ` · ${t("versions.restored", { number: String(version.restoredVersion) })}`}
      </span>
      <span className="soft small">
        {version.createdAt && <time title={exactMomentText(version.createdAt, i18n.language)}>{momentText(version.createdAt, i18n.language)}</time>}{" "}
        · {t("versions.by", { author: version.author })}
      </span>
    </button>
  );
}

function VersionDetail({ version, versions }: { readonly version: TaskVersion; readonly versions: readonly TaskVersion[] }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task, saver } = useTask();
  const [against, setAgainst] = useState<"previous" | "current">("previous");
  const id = useId();
  const current = version.version === task.descriptionVersion;
  const previous = versions.find((other) => other.version === version.version - 1n)?.description;
  const toCurrent = against === "current" && !current;
  const [before, after] = toCurrent ? [version.description, task.description] : [previous ?? "", version.description];
  const revert = useCall(async () => {
    const { stored } = await saver.flush();
    const answer = await clients.tasks.revertTask({
      taskId: task.taskId,
      history: TaskHistory.UNSPECIFIED,
      expectedVersion: stored.version,
      to: { case: "version", value: version.version },
    });
    if (answer.task !== undefined) {
      saver.learn(answer.task);
    }
    showToast({ text: t("versions.revertedToast", { number: String(version.version) }) });
  });
  return (
    <section className="version-detail" aria-labelledby={`${id}-title`} data-testid="version-detail">
      <div className="panel-line">
        <h2 id={`${id}-title`}>{t("versions.version", { number: String(version.version) })}</h2>
        {version.jobId !== "" && (
          <Link to="/jobs/$jobId" params={{ jobId: version.jobId }} className="small">
            {t("versions.job")}
          </Link>
        )}
        {!current && (
          <button type="button" className="button button-small" disabled={revert.pending} onClick={() => void revert.run()}>
            {revert.pending ? t("versions.reverting") : t("versions.revert")}
          </button>
        )}
      </div>
      {revert.failure && <Refused failure={revert.failure} scope="chat" />}
      {!current && (
        <div className="panel-line">
          <label htmlFor={`${id}-against`} className="soft small">
            {t("versions.compare")}
          </label>
          <select id={`${id}-against`} className="field" value={against} onChange={({ target }) => setAgainst(target.value === "current" ? "current" : "previous")}>
            <option value="previous">{t("versions.withPrevious")}</option>
            <option value="current">{t("versions.withCurrent")}</option>
          </select>
        </div>
      )}
      {version.version === 1n && !toCurrent && <p className="soft small">{t("versions.first")}</p>}
      {before === after ? (
        <p className="soft">{t("versions.same")}</p>
      ) : (
        <Suspense fallback={<Loading />}>
          <UnifiedDiff label={t("editor.diff")} before={before} after={after} />
        </Suspense>
      )}
    </section>
  );
}
