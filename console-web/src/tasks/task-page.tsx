import { Code } from "@connectrpc/connect";
import { Link, Outlet, getRouteApi, useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, ChevronLeft, Copy } from "lucide-react";
import { Suspense, lazy, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Task } from "../gen/banto/v1/tasks_pb";
import { addTaskTexts } from "../i18n/task-texts";
import { useCommands } from "../commands/use-commands";
import { useConsole, useWatched } from "../shell/console-context";
import { useDocumentTitle } from "../shell/document-title";
import { loadPart } from "../shell/upgrade";
import { costText, tokensText } from "../ui/format";
import { Failed, Loading, Refused } from "../ui/states";
import { WorkflowNews } from "../workflows/workflow-news";
import { DescriptionSaver } from "./description-saver";
import { TaskContext } from "./task-context";
import "./task-page.css";
import { TaskTitle } from "./task-title";
import { useArchiveTask } from "./use-archive-task";
import { useNewTask } from "./use-new-task";

addTaskTexts();

const TaskPlanCommands = lazy(async () => ({ default: (await loadPart(() => import("../plans/task-plan-commands"))).TaskPlanCommands }));

const route = getRouteApi("/tasks/$taskId");

/** After these there is no task to show; after others what was known stays, with what is written. */
const finalCodes: ReadonlySet<number> = new Set([Code.NotFound, Code.InvalidArgument, Code.PermissionDenied]);

/** `/tasks/:taskId` and what is below it. */
export function TaskPage() {
  const { t } = useTranslation();
  const { feed } = useConsole();
  const { taskId } = route.useParams();
  const watched = useWatched({ kind: "task", taskId });
  // Between a lost stream and its successor the page stays as it was.
  const [last, setLast] = useState<Task>();
  const ready = watched.phase === "ready" ? watched.view : undefined;
  useEffect(() => setLast((before) => ready ?? (before?.taskId === taskId ? before : undefined)), [ready, taskId]);
  useDocumentTitle(t("task.title"));
  const final = watched.phase === "failed" && finalCodes.has(watched.failure.code);
  const task = ready ?? (last?.taskId === taskId && !final ? last : undefined);
  return (
    <div className="page task-page">
      <Link to="/tasks" className="back-link">
        <ChevronLeft aria-hidden="true" size={14} /> {t("task.back")}
      </Link>
      {watched.phase === "failed" && <TaskFailed failure={watched.failure} onRetry={() => feed.retryNow()} />}
      {task !== undefined && <LiveTask key={taskId} task={task} />}
      {task === undefined && watched.phase === "loading" && <Loading />}
    </div>
  );
}

interface TaskFailedProps {
  readonly failure: { readonly code: number; readonly reason: string; readonly message: string };
  readonly onRetry: () => void;
}

function TaskFailed({ failure, onRetry }: TaskFailedProps) {
  const { t } = useTranslation();
  // An address that is no id is refused as malformed; to a person it is the same.
  const gone = failure.reason === "TASK_NOT_FOUND" || failure.code === Code.InvalidArgument;
  return gone ? (
    <Failed title={t("task.notFound")} />
  ) : (
    <Refused failure={new CallFailure(failure)} scope="read" title={t("task.loadFailed")} onRetry={onRetry} />
  );
}

function LiveTask({ task }: { readonly task: Task }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const [saver] = useState(() => new DescriptionSaver(task, { tasks: clients.tasks, storage: localStorage }));
  const title = task.title || t("task.untitled");
  useDocumentTitle(title);
  useEffect(() => saver.learn(task), [saver, task]);
  useEffect(() => {
    const onHide = () => document.hidden && saver.leave();
    addEventListener("pagehide", saver.leave);
    document.addEventListener("visibilitychange", onHide);
    return () => {
      removeEventListener("pagehide", saver.leave);
      document.removeEventListener("visibilitychange", onHide);
      saver.leave();
    };
  }, [saver]);
  const context = useMemo(() => ({ task, saver }), [task, saver]);
  return (
    <TaskContext value={context}>
      <h1 className="visually-hidden">{title}</h1>
      <TaskTitle task={task} />
      <TaskHead task={task} />
      <TaskParts task={task} />
      <Outlet />
      <WorkflowNews task={task} />
      <Suspense fallback={null}>
        <TaskPlanCommands taskId={task.taskId} />
      </Suspense>
    </TaskContext>
  );
}

/** Where the task comes from, what it cost, and what can be done with all of it. */
function TaskHead({ task }: { readonly task: Task }) {
  const { t, i18n } = useTranslation();
  const { taskId, fromConversationId, clonedFromTaskId, usage } = task;
  const archived = task.archivedAt !== undefined;
  const archive = useArchiveTask();
  const newTask = useNewTask();
  const navigate = useNavigate();
  const commands = useMemo(
    () => [
      { id: "find-files", group: "actions", here: true, title: t("palette.findFiles"), keys: "g f", run: () => void navigate({ to: "/tasks/$taskId/runs", params: { taskId } }) } as const,
    ],
    [t, navigate, taskId],
  );
  useCommands(commands);
  return (
    <div className="task-head">
      <p className="task-facts soft small">
        {archived && <span className="tag">{t("task.isArchived")}</span>}
        {fromConversationId !== "" && (
          <Link to="/c/$conversationId" params={{ conversationId: fromConversationId }} preload={false}>
            {t("task.fromConversation")}
          </Link>
        )}
        {clonedFromTaskId !== "" && (
          <Link to="/tasks/$taskId" params={{ taskId: clonedFromTaskId }} preload={false}>
            {t("task.clonedFrom")}
          </Link>
        )}
        {usage?.inputTokens !== undefined && usage.inputTokens > 0n && (
          <span className="usage" title={t("task.spent")}>
            {tokensText(t, usage, i18n.language)} · {costText(t, usage, i18n.language)}
          </span>
        )}
        <Link to="/jobs" search={{ task: taskId }}>
          {t("task.ofJobs")}
        </Link>
      </p>
      <div className="task-head-commands" role="group" aria-label={t("task.actions")}>
        <button type="button" className="button button-small" onClick={() => void newTask({ cloneTaskId: taskId })}>
          <Copy aria-hidden="true" size={14} /> {t("task.clone")}
        </button>
        <button type="button" className="button button-small" onClick={() => void archive(task, !archived)}>
          {archived ? <ArchiveRestore aria-hidden="true" size={14} /> : <Archive aria-hidden="true" size={14} />}
          {t(archived ? "task.unarchive" : "task.archive")}
        </button>
      </div>
    </div>
  );
}

function TaskParts({ task }: { readonly task: Task }) {
  const { t } = useTranslation();
  const params = { taskId: task.taskId };
  return (
    <nav aria-label={t("task.parts")} className="task-parts">
      <Link to="/tasks/$taskId" params={params} activeOptions={{ exact: true }} className="task-part">
        {t("task.description")}
      </Link>
      <Link to="/tasks/$taskId/files" params={params} className="task-part">
        {t("task.filesTab")} {task.fileCount > 0 && <span className="soft">{task.fileCount}</span>}
      </Link>
      <Link to="/tasks/$taskId/runs" params={params} className="task-part">
        {t("task.runs")} {task.activeWorkflowId !== "" && <span className="spinner" role="img" aria-label={t("task.finding")} />}
      </Link>
      <Link to="/tasks/$taskId/plans" params={params} className="task-part">
        {t("task.plans")}
      </Link>
      <Link to="/tasks/$taskId/versions" params={params} className="task-part">
        {t("task.versions")} <span className="soft">{String(task.descriptionVersion)}</span>
      </Link>
    </nav>
  );
}
