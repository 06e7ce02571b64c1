import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Workspace } from "../gen/banto/v1/workspaces_pb";
import { useConsole } from "../shell/console-context";
import { Empty, Failed, Loading, Refused } from "../ui/states";
import { useLoaded } from "../ui/use-loaded";
import { useWorkspace } from "../workspaces/current-workspace";
import { OpenFolder } from "./open-folder";
import { Section } from "./section";
import { useProviders } from "./use-providers";
import { WorkspaceCard } from "./workspace-card";
import "./workspaces.css";

/** `/settings/workspaces` */
export function WorkspacesSection() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const { watched, workspace: current } = useWorkspace();
  const providers = useProviders();
  const [closedToo, setClosedToo] = useState(false);
  const [reopening, setReopening] = useState<Workspace>();
  const field = useRef<HTMLInputElement>(null);
  return (
    <Section section="workspaces">
      {watched.phase === "loading" && <Loading />}
      {watched.phase === "failed" &&
        (watched.failure.reason === "SCOPE_DENIED" ? (
          <Refused failure={new CallFailure(watched.failure)} scope="read" />
        ) : (
          <Failed title={t("settings.workspaces.failed")} detail={watched.failure.message} onRetry={() => feed.retryNow()} />
        ))}
      {watched.phase === "ready" && watched.view.length === 0 && <Empty>{t("settings.workspaces.none")}</Empty>}
      {watched.phase === "ready" && (
        <ul className="cards" aria-label={t("settings.workspaces.title")}>
          {watched.view.map((workspace) => (
            <WorkspaceCard
              key={workspace.workspaceId}
              workspace={workspace}
              current={workspace.workspaceId === current?.workspaceId}
              providers={providers.value ?? []}
            />
          ))}
          {closedToo && (
            <ClosedWorkspaces
              open={watched.view}
              onReopen={(workspace) => {
                setReopening(workspace);
                field.current?.focus();
              }}
            />
          )}
        </ul>
      )}
      <label className="choice">
        <input type="checkbox" checked={closedToo} onChange={({ target }) => setClosedToo(target.checked)} />
        {t("settings.workspaces.showClosed")}
      </label>
      <OpenFolder key={reopening?.workspaceId} field={field} reopening={reopening} onOpened={() => setReopening(undefined)} />
      <section className="settings-block" aria-labelledby="workspaces-consent">
        <h2 id="workspaces-consent">{t("settings.workspaces.whatTitle")}</h2>
        <ul className="bullets">
          <li>{t("settings.workspaces.whatSent")}</li>
          <li>{t("settings.workspaces.whatNever")}</li>
          <li>{t("settings.workspaces.whatEngine")}</li>
          <li>{t("settings.workspaces.whatJobs")}</li>
          <li>{t("settings.workspaces.whatBack")}</li>
        </ul>
      </section>
    </Section>
  );
}

interface ClosedWorkspacesProps {
  readonly open: readonly Workspace[];
  readonly onReopen: (workspace: Workspace) => void;
}

/** Fetched: the feed carries the open ones alone. */
function ClosedWorkspaces({ open, onReopen }: ClosedWorkspacesProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  // Whenever one more is open, or one less, the closed ones are others.
  const count = open.length;
  const load = useCallback(
    async (signal: AbortSignal) => ({ count, ...(await clients.workspaces.listWorkspaces({ includeClosed: true }, { signal })) }),
    [clients, count],
  );
  const listed = useLoaded(load);
  if (listed.value === undefined) {
    return <li>{listed.failure ? <Refused failure={listed.failure} scope="read" onRetry={listed.reload} /> : <Loading />}</li>;
  }
  return listed.value.workspaces
    .filter(({ closedAt }) => closedAt !== undefined)
    .map((workspace) => (
      <li key={workspace.workspaceId} className="card" data-workspace-id={workspace.workspaceId} data-state="closed">
        <div className="card-head">
          <h2>{workspace.name}</h2>
          <span className="tag">{t("settings.workspaces.closed")}</span>
          <button
            type="button"
            className="button button-small card-command"
            aria-label={t("settings.workspaces.reopenNamed", { name: workspace.name })}
            onClick={() => onReopen(workspace)}
          >
            {t("settings.workspaces.reopen")}
          </button>
        </div>
      </li>
    ));
}
