import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Copy, Plus } from "lucide-react";
import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Task } from "../gen/banto/v1/tasks_pb";
import { addTaskTexts } from "../i18n/task-texts";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { failureText } from "../ui/failure-text";
import { momentText } from "../ui/format";
import { IconButton } from "../ui/icon-button";
import { Empty, Failed, Loading, Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { useDebounced } from "../ui/use-debounced";
import { usePages } from "../ui/use-pages";
import { useWorkspace } from "../workspaces/current-workspace";
import { WorkspaceSwitcher } from "../workspaces/workspace-switcher";
import "./tasks.css";
import { mergeTasks } from "./tasks-view";
import { useArchiveTask } from "./use-archive-task";
import { useNewTask } from "./use-new-task";

addTaskTexts();

const route = getRouteApi("/tasks");
const pageSize = 50;
/** A pause in typing, after which the server is asked. */
const pauseMs = 200;

/** `/tasks`, with what it is narrowed down to in the address. */
export function TasksPage() {
  const { t } = useTranslation();
  const { q = "", archived = false } = route.useSearch();
  const navigate = useNavigate();
  const { workspaceId } = useWorkspace();
  const [text, setText] = useState(q);
  const query = useDebounced(text.trim(), pauseMs);
  const newTask = useNewTask();
  const create = useCall(() => newTask({ workspaceId }));
  const id = useId();
  useDocumentTitle(t("task.title"));
  const inAddress = useRef(q);
  useEffect(() => {
    if (inAddress.current !== query) {
      inAddress.current = query;
      void navigate({ to: "/tasks", search: (before) => ({ ...(before.archived && { archived: true }), ...(query !== "" && { q: query }) }), replace: true });
    }
  }, [query, navigate]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t("task.title")}</h1>
          <p className="soft">{t("task.lead")}</p>
        </div>
        <button type="button" className="button button-primary" disabled={create.pending} onClick={() => void create.run()}>
          <Plus aria-hidden="true" size={16} /> {create.pending ? t("task.creating") : t("task.new")}
        </button>
      </div>
      <div className="task-filters">
        <input
          type="search"
          className="field"
          aria-label={t("task.search")}
          placeholder={t("task.search")}
          maxLength={200}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <label htmlFor={`${id}-show`} className="visually-hidden">
          {t("task.show")}
        </label>
        <select
          id={`${id}-show`}
          className="field"
          value={archived ? "archived" : "active"}
          onChange={({ target }) =>
            void navigate({ to: "/tasks", search: { ...(query !== "" && { q: query }), ...(target.value === "archived" && { archived: true }) }, replace: true })
          }
        >
          <option value="active">{t("task.active")}</option>
          <option value="archived">{t("task.archivedOnes")}</option>
        </select>
        <WorkspaceSwitcher />
      </div>
      <TaskList key={`${workspaceId} ${archived}`} workspaceId={workspaceId} query={query} archived={archived} />
    </div>
  );
}

interface TaskListProps {
  readonly workspaceId: string;
  readonly query: string;
  readonly archived: boolean;
}

function TaskList({ workspaceId, query, archived }: TaskListProps) {
  const { t } = useTranslation();
  const { clients, feed } = useConsole();
  const live = useWatched({ kind: "tasks", workspaceId });
  const load = useCallback(
    async (pageToken: string, signal: AbortSignal) => {
      const { tasks, nextPageToken } = await clients.tasks.listTasks({ workspaceId, query, archived, pageSize, pageToken }, { signal });
      return { items: tasks, next: nextPageToken };
    },
    [clients, workspaceId, query, archived],
  );
  const listed = usePages(load);
  const tasks = useMemo(
    () => mergeTasks(listed.items, live.phase === "ready" ? live.view : [], { query, archived }),
    [listed.items, live, query, archived],
  );
  if (tasks.length === 0) {
    if (listed.failure) {
      return <Refused failure={listed.failure} scope="read" title={t("task.failed")} onRetry={listed.reload} />;
    }
    if (listed.loading || live.phase === "loading") {
      return <Loading />;
    }
    return <Empty>{query !== "" ? t("task.noneMatches") : archived ? t("task.noneArchived") : t("task.none")}</Empty>;
  }
  return (
    <>
      {live.phase === "failed" && <Failed title={t("error.generic")} detail={live.failure.message} onRetry={() => feed.retryNow()} />}
      <ul className="tasks" aria-label={t("task.title")} aria-busy={listed.loading}>
        {tasks.map((task) => (
          <TaskRow key={task.taskId} task={task} onChanged={listed.reload} />
        ))}
      </ul>
      {listed.failure && <Failed title={t("task.failed")} detail={failureText(t, listed.failure)} onRetry={listed.loadMore} />}
      {listed.hasMore && (
        <button type="button" className="button tasks-more" disabled={listed.loading} onClick={listed.loadMore}>
          {listed.loading ? t("error.loading") : t("task.more")}
        </button>
      )}
    </>
  );
}

function TaskRow({ task, onChanged }: { readonly task: Task; readonly onChanged: () => void }) {
  const { t, i18n } = useTranslation();
  const { taskId } = task;
  const title = task.title || t("task.untitled");
  const archived = task.archivedAt !== undefined;
  const archive = useArchiveTask(onChanged);
  const newTask = useNewTask();
  return (
    <li className="task-row" data-task-id={taskId}>
      <div className="task-words">
        <Link to="/tasks/$taskId" params={{ taskId }} className="task-link" preload={false}>
          {title}
        </Link>
        <p className="task-snippet soft small">{snippet(task)}</p>
        <p className="task-facts soft small">
          {task.activeWorkflowId !== "" && (
            <span className="task-finding">
              <span className="spinner" aria-hidden="true" /> {t("task.finding")}
            </span>
          )}
          {task.updatedAt && <time>{momentText(task.updatedAt, i18n.language)}</time>}
          {task.fileCount > 0 && <span>{t("task.files", { count: task.fileCount })}</span>}
          {task.fileCount > 0 && <span>{t("task.tokens", { tokens: task.fileTokens.toLocaleString(i18n.language) })}</span>}
        </p>
      </div>
      <div className="task-commands">
        <IconButton icon={Copy} label={t("task.cloneNamed", { title })} onClick={() => void newTask({ cloneTaskId: taskId })} />
        <IconButton
          icon={archived ? ArchiveRestore : Archive}
          label={t(archived ? "task.unarchiveNamed" : "task.archiveNamed", { title })}
          onClick={() => void archive(task, !archived)}
        />
      </div>
    </li>
  );
}

/** What comes after the line that is the title. */
function snippet({ title, description }: Task): string {
  const text = description
    .replaceAll(/^\s*(#+|[-*>])\s+/gm, "")
    .replaceAll(/[*`]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return (text.startsWith(title) ? text.slice(title.length) : text).trim().slice(0, 200);
}
