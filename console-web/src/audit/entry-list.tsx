import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry, AuditHead } from "../gen/banto/v1/audit_log_pb";
import { useConsole } from "../shell/console-context";
import { CopyButton } from "../ui/copy-button";
import { exactMomentText } from "../ui/format";
import { Empty, Loading, Refused } from "../ui/states";
import { usePages } from "../ui/use-pages";
import "./audit.css";

const pageSize = 50;

interface EntryListProps {
  /** Only entries about this id. Empty: about any. */
  readonly subject: string;
  readonly actionPrefix: string;
  readonly onHead?: (head: AuditHead) => void;
}

/** Entries of the audit log, the newest first. */
export function EntryList({ subject, actionPrefix, onHead }: EntryListProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const load = useCallback(
    async (pageToken: string, signal: AbortSignal) => {
      const { entries, nextPageToken, head } = await clients.auditLog.listEntries({ subject, actionPrefix, pageSize, pageToken }, { signal });
      if (head) {
        onHead?.(head);
      }
      return { items: entries, next: nextPageToken };
    },
    [clients, subject, actionPrefix, onHead],
  );
  const { items, loading, failure, hasMore, loadMore, reload } = usePages(load);
  if (items.length === 0) {
    return failure ? <Refused failure={failure} scope="review" title={t("audit.failed")} onRetry={reload} /> : loading ? <Loading /> : <Empty>{t("audit.none")}</Empty>;
  }
  return (
    <>
      <ol className="audit-list" aria-label={t("audit.list")}>
        {items.map((entry) => (
          <Entry key={String(entry.sequence)} entry={entry} alone={subject !== ""} />
        ))}
      </ol>
      {failure && <Refused failure={failure} scope="review" title={t("audit.failed")} onRetry={loadMore} />}
      {hasMore && (
        <button type="button" className="button" disabled={loading} onClick={loadMore}>
          {loading ? t("error.loading") : t("audit.more")}
        </button>
      )}
    </>
  );
}

function Entry({ entry, alone }: { readonly entry: AuditEntry; readonly alone: boolean }) {
  const { t, i18n } = useTranslation();
  const { occurredAt, actor, action, subject, detailJson, hash } = entry;
  const sequence = String(entry.sequence);
  return (
    <li className="audit-entry" data-sequence={sequence} data-action={action}>
      <p className="audit-line">
        <span className="soft small audit-number">{sequence}</span>
        <strong className="mono">{action}</strong>
        <span>{actor}</span>
        {occurredAt && <time className="soft small">{exactMomentText(occurredAt, i18n.language)}</time>}
      </p>
      {!alone && subject !== "" && <p className="mono small soft audit-subject">{subject}</p>}
      <details>
        <summary className="small">{t("audit.detail")}</summary>
        <dl className="audit-detail small">
          {details(detailJson).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
          <div>
            <dt>{t("audit.hash")}</dt>
            <dd className="mono">
              {hash} <CopyButton text={hash} label={t("audit.copyHash", { sequence })} />
            </dd>
          </div>
        </dl>
      </details>
    </li>
  );
}

function details(json: string): readonly (readonly [string, string])[] {
  try {
    const value: unknown = JSON.parse(json || "{}");
    return typeof value === "object" && value !== null ? Object.entries(value).map(([name, part]) => [name, typeof part === "string" ? part : JSON.stringify(part)] as const) : [];
  } catch {
    return [["", json]];
  }
}
