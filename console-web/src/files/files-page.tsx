import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { ListOrdered, ListTree, Plus, Redo2, Undo2 } from "lucide-react";
import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { FileChoice, type FileReason } from "../gen/banto/v1/tasks_pb";
import type { FileSearch } from "../tasks/task-search";
import { useTask } from "../tasks/task-context";
import { Empty, Loading, Refused } from "../ui/states";
import { AddFile } from "./add-file";
import { FileList } from "./file-list";
import { FilePreview } from "./file-preview";
import "./files.css";
import { bulk, filtered, totals } from "./selection";
import { useTaskFiles } from "./use-task-files";

const route = getRouteApi("/tasks/$taskId/files");
const noReasons: readonly FileReason[] = [];

/** `/tasks/:taskId/files`, with the file that is shown beside them in the address. */
export function FilesPage() {
  const { t, i18n } = useTranslation();
  const { task } = useTask();
  const { taskId } = task;
  const { file: shown, line, view } = route.useSearch();
  const navigate = useNavigate();
  const { files, failure, reload, decide, step, busy } = useTaskFiles(task);
  const [filter, setFilter] = useState("");
  const words = useDeferredValue(filter);
  const visible = useMemo(() => files && filtered(files, words), [files, words]);
  const sums = useMemo(() => totals(files ?? []), [files]);
  const search = useCallback(
    (change: (before: FileSearch) => FileSearch, replace = false) =>
      void navigate({ to: "/tasks/$taskId/files", params: { taskId }, search: (before) => change(before as FileSearch), replace }),
    [navigate, taskId],
  );
  const show = useCallback(
    (path: string) => search(({ view: kept }) => ({ ...(kept && { view: kept }), file: path }), shown !== undefined),
    [search, shown],
  );
  const close = () => {
    search(({ view: kept }) => (kept ? { view: kept } : {}));
    // Back to the row that it was opened from.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`.files-item[data-path="${CSS.escape(shown ?? "")}"] .file-open`)?.focus());
  };
  if (files === undefined || visible === undefined) {
    return failure ? <Refused failure={failure} scope="read" title={t("files.failed")} onRetry={reload} /> : <Loading />;
  }
  return (
    <div className="files" data-preview={shown !== undefined}>
      <div className="files-main">
        <div className="files-top">
          <div className="files-sums" role="status" data-testid="file-sums">
            <strong>{t("files.counted", { count: sums.counted })}</strong>
            <span>{t("task.tokens", { tokens: sums.tokens.toLocaleString(i18n.language) })}</span>
            {sums.excluded > 0 && <span className="soft">{t("files.excluded", { count: sums.excluded })}</span>}
          </div>
          {sums.counted > 0 && (
            <Link to="/tasks/$taskId/plans" params={{ taskId }} search={{ new: true }} className="button button-primary">
              <Plus aria-hidden="true" size={16} /> {t("task.newPlan")}
            </Link>
          )}
        </div>
        <div className="files-bar">
          <input
            type="search"
            className="field files-filter"
            aria-label={t("files.filter")}
            placeholder={t("files.filter")}
            value={filter}
            onChange={({ target }) => setFilter(target.value)}
          />
          <div className="segments" role="group" aria-label={t("files.view")}>
            <button type="button" className="segment" aria-pressed={view !== "tree"} onClick={() => search(({ file, line: at }) => ({ ...(file !== undefined && { file }), ...(at !== undefined && { line: at }) }), true)}>
              <ListOrdered aria-hidden="true" size={15} /> {t("files.ranked")}
            </button>
            <button type="button" className="segment" aria-pressed={view === "tree"} onClick={() => search((before) => ({ ...before, view: "tree" }), true)}>
              <ListTree aria-hidden="true" size={15} /> {t("files.tree")}
            </button>
          </div>
          <button type="button" className="button button-small" disabled={busy || !task.filesCanUndo} onClick={() => step("undo")}>
            <Undo2 aria-hidden="true" size={14} /> {t("files.undo")}
          </button>
          <button type="button" className="button button-small" disabled={busy || !task.filesCanRedo} onClick={() => step("redo")}>
            <Redo2 aria-hidden="true" size={14} /> {t("files.redo")}
          </button>
        </div>
        <AddFile files={files} onDecide={decide} />
        {visible.length > 0 && (
          <div className="files-bulk" role="group" aria-label={t("files.bulk")}>
            <span className="soft small">
              {t("files.bulk")} ({visible.length.toLocaleString(i18n.language)})
            </span>
            <button type="button" className="button button-small" onClick={() => decide(bulk(visible, FileChoice.INCLUDED))}>
              {t("files.includeAll")}
            </button>
            <button type="button" className="button button-small" onClick={() => decide(bulk(visible, FileChoice.EXCLUDED))}>
              {t("files.excludeAll")}
            </button>
            <button type="button" className="button button-small" onClick={() => decide(bulk(visible, FileChoice.UNSPECIFIED))}>
              {t("files.takeBackAll")}
            </button>
          </div>
        )}
        {files.length === 0 && (
          <Empty>
            <p>
              {t("files.none")}{" "}
              <Link to="/tasks/$taskId/runs" params={{ taskId }}>
                {t("files.find")}
              </Link>
            </p>
          </Empty>
        )}
        {files.length > 0 && visible.length === 0 && <Empty>{t("files.noneMatches")}</Empty>}
        {visible.length > 0 && <FileList files={visible} tree={view === "tree"} shown={shown} onShow={show} onDecide={decide} />}
        {visible.length > 0 && <p className="files-keys soft small">{t("files.keys")}</p>}
      </div>
      {shown !== undefined && (
        <FilePreview path={shown} line={line} reasons={files.find(({ path }) => path === shown)?.reasons ?? noReasons} onClose={close} />
      )}
    </div>
  );
}
