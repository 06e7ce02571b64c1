import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isComposing } from "../chat/message-text";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/use-commands";
import { FileChoice, type TaskFile } from "../gen/banto/v1/tasks_pb";
import { FileRow } from "./file-row";
import { type TreeRow, treeRows } from "./file-tree";
import { type Decision, toggled } from "./selection";

interface FileListProps {
  readonly files: readonly TaskFile[];
  readonly tree: boolean;
  /** Path of the file that is shown beside the list. */
  readonly shown: string | undefined;
  readonly onShow: (path: string) => void;
  readonly onDecide: (decisions: readonly Decision[]) => void;
}

const rowHeight = 40;

const choiceNames = new Map<FileChoice, string>([
  [FileChoice.UNSPECIFIED, "none"],
  [FileChoice.INCLUDED, "included"],
  [FileChoice.EXCLUDED, "excluded"],
  [FileChoice.PINNED, "pinned"],
]);

/** The files, however many: only those in sight are in the page. */
export function FileList({ files, tree, shown, onShow, onDecide }: FileListProps) {
  const { t } = useTranslation();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [explained, setExplained] = useState<ReadonlySet<string>>(new Set());
  const [activeKey, setActiveKey] = useState<string>();
  const rows = useMemo(
    (): readonly TreeRow[] => (tree ? treeRows(files, closed) : files.map((file) => ({ kind: "file", file, name: file.path, depth: 0 }))),
    [files, tree, closed],
  );
  const active = Math.max(0, rows.findIndex((row) => keyOf(row) === activeKey));
  const list = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const page = list.current?.closest(".page");
    if (!page) {
      return undefined;
    }
    const measure = () => {
      if (list.current) {
        setMargin(Math.round(list.current.getBoundingClientRect().top - page.getBoundingClientRect().top + page.scrollTop));
      }
    };
    measure();
    // What stands above the list may come to need more lines.
    const observer = new ResizeObserver(measure);
    for (const part of [page, ...page.querySelectorAll(".files-bar, .files-top, .add-file, .task-head")]) {
      observer.observe(part);
    }
    return () => observer.disconnect();
  }, []);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current?.closest<HTMLElement>(".page") ?? null,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(rows[index]) ?? index,
    overscan: 10,
    scrollMargin: margin,
  });

  const go = useCallback(
    (index: number) => {
      const to = Math.max(0, Math.min(rows.length - 1, index));
      setActiveKey(keyOf(rows[to]));
      virtualizer.scrollToIndex(to, { align: "auto" });
      // The row is there with the next frame.
      requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-index="${to}"] :is(.file-open, .folder-open)`)?.focus());
    },
    [rows, virtualizer],
  );
  const toggle = (set: ReadonlySet<string>, path: string) => {
    const next = new Set(set);
    if (!next.delete(path)) {
      next.add(path);
    }
    return next;
  };
  const explain = (path: string) => setExplained((before) => toggle(before, path));
  const current = rows[active];
  const file = current?.kind === "file" ? current.file : undefined;

  const acts = useRef({ file, active, go, onDecide, onShow, explain });
  useEffect(() => {
    acts.current = { file, active, go, onDecide, onShow, explain };
  });
  const commands = useMemo((): readonly Command[] => {
    const choose = (choice: FileChoice) => {
      const { file: chosen, onDecide: decide } = acts.current;
      if (chosen !== undefined) {
        decide([toggled(chosen, choice)]);
      }
    };
    const command = (id: string, keys: string, title: string, run: () => void): Command => ({ id, keys, title, run, group: "files", here: true, listed: false });
    return [
      command("next-file", "j", t("files.next"), () => acts.current.go(acts.current.active + 1)),
      command("previous-file", "k", t("files.previous"), () => acts.current.go(acts.current.active - 1)),
      command("show-file", "o", t("files.previewCommand"), () => acts.current.file && acts.current.onShow(acts.current.file.path)),
      command("include-file", "i", t("files.includeCommand"), () => choose(FileChoice.INCLUDED)),
      command("exclude-file", "x", t("files.excludeCommand"), () => choose(FileChoice.EXCLUDED)),
      command("pin-file", "p", t("files.pinCommand"), () => choose(FileChoice.PINNED)),
      command("explain-file", "e", t("files.explainCommand"), () => acts.current.file && acts.current.explain(acts.current.file.path)),
    ];
  }, [t]);
  useCommands(commands);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (isComposing(event.nativeEvent) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      go(active + step);
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && current?.kind === "folder") {
      event.preventDefault();
      if (current.open !== (event.key === "ArrowRight")) {
        setClosed((before) => toggle(before, current.path));
      }
    } else if (event.key === " " && event.target instanceof Element && event.target.matches(".file-open")) {
      // Space chooses, Enter shows.
      event.preventDefault();
      if (file !== undefined) {
        onDecide([toggled(file, FileChoice.INCLUDED)]);
      }
    }
  };

  return (
    // The keys belong to the list as a whole; what they act on has the focus.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={list}
      className="files-list"
      role="list"
      aria-label={t("files.list")}
      style={{ height: `${virtualizer.getTotalSize()}px` }}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => event.key === " " && event.target instanceof Element && event.target.matches(".file-open") && event.preventDefault()}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const row = rows[index];
        return (
          row && (
            <div
              key={key}
              ref={virtualizer.measureElement}
              className="files-item"
              role="listitem"
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              data-index={index}
              data-path={row.kind === "file" ? row.file.path : row.path}
              data-choice={row.kind === "file" ? choiceNames.get(row.file.choice) : undefined}
              style={{ transform: `translateY(${start - margin}px)` }}
            >
              {row.kind === "file" ? (
                <FileRow
                  file={row.file}
                  name={row.name}
                  depth={row.depth}
                  active={index === active}
                  shown={row.file.path === shown}
                  explained={explained.has(row.file.path)}
                  onActive={() => setActiveKey(keyOf(row))}
                  onShow={() => onShow(row.file.path)}
                  onExplain={() => explain(row.file.path)}
                  onChoose={(choice) => onDecide([toggled(row.file, choice)])}
                />
              ) : (
                <FolderRow row={row} active={index === active} onActive={() => setActiveKey(keyOf(row))} onToggle={() => setClosed((before) => toggle(before, row.path))} />
              )}
            </div>
          )
        );
      })}
    </div>
  );
}

interface FolderRowProps {
  readonly row: Extract<TreeRow, { kind: "folder" }>;
  readonly active: boolean;
  readonly onActive: () => void;
  readonly onToggle: () => void;
}

function FolderRow({ row, active, onActive, onToggle }: FolderRowProps) {
  const { t } = useTranslation();
  const { name, depth, open, total, counted } = row;
  return (
    <button
      type="button"
      className="folder-open"
      style={{ marginInlineStart: `${depth * 18}px` }}
      aria-expanded={open}
      tabIndex={active ? 0 : -1}
      onFocus={onActive}
      onClick={onToggle}
    >
      {open ? <ChevronDown aria-hidden="true" size={15} /> : <ChevronRight aria-hidden="true" size={15} />}
      <span className="mono">{name}/</span>
      <span className="soft small">{t("files.folderCounted", { counted, total })}</span>
    </button>
  );
}

function keyOf(row: TreeRow | undefined): string | undefined {
  return row && (row.kind === "file" ? row.file.path : row.path);
}
