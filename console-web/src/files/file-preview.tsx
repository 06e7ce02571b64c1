import { useNavigate } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, ChevronLeft, X } from "lucide-react";
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "../commands/use-commands";
import type { FileReason } from "../gen/banto/v1/tasks_pb";
import { FileEncoding } from "../gen/banto/v1/workspaces_pb";
import { useConsole } from "../shell/console-context";
import { loadPart } from "../shell/upgrade";
import { useTask } from "../tasks/task-context";
import type { FileSearch } from "../tasks/task-search";
import { CopyButton } from "../ui/copy-button";
import { IconButton } from "../ui/icon-button";
import { Failed, Loading, Refused } from "../ui/states";
import { useLoaded } from "../ui/use-loaded";
import { matchRanges, nextMatch } from "./match-ranges";

const CodeView = lazy(async () => ({ default: (await loadPart(() => import("../editor/code-view"))).CodeView }));

interface FilePreviewProps {
  readonly path: string;
  readonly line: number | undefined;
  /** What speaks for the file; their lines are marked. */
  readonly reasons: readonly FileReason[];
  readonly onClose: () => void;
}

/** A file beside the list; on a phone in its place. */
export function FilePreview({ path, line, reasons, onClose }: FilePreviewProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { task } = useTask();
  const navigate = useNavigate();
  const { workspaceId, taskId } = task;
  const load = useCallback(
    async (signal: AbortSignal) => ({ path, ...(await clients.workspaces.readFile({ workspaceId, path }, { signal })) }),
    [clients, workspaceId, path],
  );
  const read = useLoaded(load);
  const answer = read.value?.path === path ? read.value : undefined;
  const marked = useMemo(() => matchRanges(reasons), [reasons]);
  const step = useCallback(
    (direction: 1 | -1) => {
      const next = nextMatch(marked, line ?? marked[0]?.first ?? 0, direction);
      if (next !== undefined) {
        void navigate({ to: "/tasks/$taskId/files", params: { taskId }, search: (before) => ({ ...(before as FileSearch), file: path, line: next }), replace: true });
      }
    },
    [marked, line, navigate, taskId, path],
  );
  const commands = useMemo(
    () =>
      marked.length === 0
        ? []
        : ([
            { id: "next-match", group: "files", here: true, title: t("preview.next"), keys: "]", run: () => step(1) },
            { id: "previous-match", group: "files", here: true, title: t("preview.previous"), keys: "[", run: () => step(-1) },
          ] as const),
    [t, marked.length, step],
  );
  useCommands(commands);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a phone the list is gone, and the focus with it.
    if (document.activeElement === document.body) {
      head.current?.focus();
    }
  }, [path]);
  return (
    // Escape closes what was opened beside the list.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside className="preview" aria-label={t("preview.title")} data-testid="preview" data-path={path} onKeyDown={({ key }) => key === "Escape" && onClose()}>
      <header className="preview-head">
        <IconButton icon={ChevronLeft} label={t("preview.back")} className="preview-back" onClick={onClose} />
        <h2 className="mono" ref={head} tabIndex={-1} title={path}>
          {path}
        </h2>
        <CopyButton text={path} label={t("preview.copyPath")} />
        <IconButton icon={X} label={t("preview.close")} className="preview-close" onClick={onClose} />
      </header>
      {(marked.length > 0 || answer?.truncated === true || answer?.encoding === FileEncoding.LEGACY) && (
        <p className="preview-facts small">
          {marked.length > 0 && (
            <>
              <span className="soft">{t("preview.matches", { count: marked.length })}</span>
              <IconButton icon={ArrowUp} label={t("preview.previous")} onClick={() => step(-1)} />
              <IconButton icon={ArrowDown} label={t("preview.next")} onClick={() => step(1)} />
            </>
          )}
          {answer?.truncated === true && <span>{t("preview.truncated")}</span>}
          {answer?.encoding === FileEncoding.LEGACY && <span>{t("preview.legacy")}</span>}
        </p>
      )}
      {answer === undefined && read.failure === undefined && <Loading label={t("preview.loading")} />}
      {answer === undefined && read.failure && <PreviewFailed failure={read.failure} onRetry={read.reload} />}
      {answer?.binary === true && <p className="preview-note soft">{t("preview.binary")}</p>}
      {answer !== undefined && !answer.binary && (
        <Suspense fallback={<Loading label={t("preview.loading")} />}>
          <CodeView label={t("preview.content", { path })} path={path} text={answer.text} marked={marked} line={line ?? marked[0]?.first} />
        </Suspense>
      )}
    </aside>
  );
}

function PreviewFailed({ failure, onRetry }: { readonly failure: NonNullable<ReturnType<typeof useLoaded>["failure"]>; readonly onRetry: () => void }) {
  const { t } = useTranslation();
  if (failure.notFound) {
    return <Failed title={t("preview.notFound")} />;
  }
  if (failure.is("PATH_OUTSIDE_WORKSPACE")) {
    return <Failed title={t("preview.outside")} />;
  }
  return <Refused failure={failure} scope="read" title={t("preview.failed")} onRetry={onRetry} />;
}
