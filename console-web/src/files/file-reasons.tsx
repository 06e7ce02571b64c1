import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { type FileReason, ReasonKind } from "../gen/banto/v1/tasks_pb";
import { useTask } from "../tasks/task-context";

const kinds = [
  [ReasonKind.NAMED, "named"],
  [ReasonKind.PATH, "path"],
  [ReasonKind.SYMBOL, "symbol"],
  [ReasonKind.LINES, "lines"],
  [ReasonKind.COMMIT, "commit"],
  [ReasonKind.IMPORTED_BY, "importedBy"],
  [ReasonKind.IMPORTS, "imports"],
  [ReasonKind.CHANGED_WITH, "changedWith"],
  [ReasonKind.TEST_OF, "testOf"],
  [ReasonKind.PATTERN, "pattern"],
  [ReasonKind.MODEL, "model"],
  [ReasonKind.DEFINITION, "definition"],
] as const;

/** Why a file was found: facts that a person can check, each with the way there. */
export function FileReasons({ path, reasons }: { readonly path: string; readonly reasons: readonly FileReason[] }) {
  const { t } = useTranslation();
  if (reasons.length === 0) {
    return <p className="reasons soft small">{t("files.noReasons")}</p>;
  }
  return (
    <ul className="reasons small" aria-label={t("files.showReasons", { path })}>
      {reasons.map((reason, index) => (
        // The reasons of a file never change their places.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={index} className="reason">
          <Reason path={path} reason={reason} />
        </li>
      ))}
    </ul>
  );
}

function Reason({ path, reason }: { readonly path: string; readonly reason: FileReason }) {
  const { t } = useTranslation();
  const { kind, text, lines, symbol, otherPath, commit, terms } = reason;
  const unsaid = terms.filter((term) => !text.includes(term));
  return (
    <>
      <span className="tag">{t(`files.kind.${kinds.find(([known]) => known === kind)?.[1] ?? "unknown"}`)}</span>
      {/* The server says it in English. */}
      <span lang="en">{sentence(text)}</span>
      {symbol !== "" && <span className="mono">{symbol}</span>}
      {lines && (
        <FileLink path={path} line={lines.firstLine}>
          {lines.lastLine > lines.firstLine ? t("files.lines", { first: lines.firstLine, last: lines.lastLine }) : t("files.line", { line: lines.firstLine })}
        </FileLink>
      )}
      {otherPath !== "" && (
        <FileLink path={otherPath} line={undefined}>
          <span className="mono">{otherPath}</span>
        </FileLink>
      )}
      {commit !== "" && <span className="mono soft">{t("files.commit", { commit })}</span>}
      {unsaid.length > 0 && <span className="soft">{t("files.terms", { terms: unsaid.join(", ") })}</span>}
    </>
  );
}

interface FileLinkProps {
  readonly path: string;
  readonly line: number | undefined;
  readonly children: ReactNode;
}

/** Opens a file beside the files of the task, at a line. */
export function FileLink({ path, line, children }: FileLinkProps) {
  const { task } = useTask();
  return (
    <Link
      to="/tasks/$taskId/files"
      params={{ taskId: task.taskId }}
      search={(before) => ({ ...("view" in before && before.view === "tree" && { view: "tree" as const }), file: path, ...(line !== undefined && { line }) })}
      preload={false}
    >
      {children}
    </Link>
  );
}
