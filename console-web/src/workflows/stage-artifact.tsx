import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { FileLink, FileReasons } from "../files/file-reasons";
import type { FileReason } from "../gen/banto/v1/tasks_pb";
import type { StageArtifact as Artifact, Dropped, FilteredFiles, RelevantFiles, SelectedRoots, VerifiedPaths } from "../gen/banto/v1/workflows_pb";
import { scoreText } from "../ui/format";

/** What a stage left, by its kind. */
export function StageArtifact({ artifact: { kind } }: { readonly artifact: Artifact }) {
  const { t } = useTranslation();
  switch (kind.case) {
    case "selectedRoots":
      return <Roots roots={kind.value} />;
    case "filteredFiles":
      return <Patterns files={kind.value} />;
    case "relevantFiles":
      return <Assessed files={kind.value} />;
    case "verifiedPaths":
      return <Extended files={kind.value} />;
    case undefined:
      return <p className="soft">{t("finder.noArtifact")}</p>;
  }
}

function Box({ children }: { readonly children: ReactNode }) {
  return (
    <div className="artifact" data-testid="artifact">
      {children}
    </div>
  );
}

function Roots({ roots: { roots, dropped, fellBack } }: { readonly roots: SelectedRoots }) {
  const { t, i18n } = useTranslation();
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent" });
  return (
    <Box>
      {fellBack && <p>{t("finder.fellBack")}</p>}
      <ul className="artifact-list">
        {roots.map(({ path, share, fileCount }) => (
          <li key={path}>
            <span className="mono">{path}</span>
            <span className="soft small">
              {t("finder.share", { percent: percent.format(share) })} · {t("task.files", { count: fileCount })}
            </span>
          </li>
        ))}
      </ul>
      <DroppedList dropped={dropped} />
    </Box>
  );
}

function Patterns({ files: { groups, dropped, paths, total, searched } }: { readonly files: FilteredFiles }) {
  const { t, i18n } = useTranslation();
  return (
    <Box>
      <p>{t("finder.total", { total: total.toLocaleString(i18n.language), searched: searched.toLocaleString(i18n.language) })}</p>
      <ul className="artifact-list">
        {groups.map((group, index) => (
          // The groups of an artifact never change their places.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} className="pattern-group">
            <strong>{group.title || t("finder.group")}</strong>
            <span className="small">{t("finder.result.patterns", { count: group.matchCount })}</span>
            <dl className="patterns small">
              <Pattern name={t("finder.path")} pattern={group.path} />
              <Pattern name={t("finder.content")} pattern={group.content} />
              {group.negativePath !== "" && <Pattern name={t("finder.negative")} pattern={group.negativePath} />}
            </dl>
          </li>
        ))}
      </ul>
      <details>
        <summary>{t("finder.showPaths", { count: paths.length })}</summary>
        <Rows items={paths} keyOf={(path) => path}>
          {(path) => (
            <FileLink path={path} line={undefined}>
              <span className="mono">{path}</span>
            </FileLink>
          )}
        </Rows>
      </details>
      <DroppedList dropped={dropped} />
    </Box>
  );
}

function Pattern({ name, pattern }: { readonly name: string; readonly pattern: string }) {
  const { t } = useTranslation();
  return (
    <div>
      <dt className="soft">{name}</dt>
      <dd className={pattern === "" ? "soft" : "mono"}>{pattern || t("finder.any")}</dd>
    </div>
  );
}

function Assessed({ files: { files, dropped, notAssessed } }: { readonly files: RelevantFiles }) {
  const { t, i18n } = useTranslation();
  const score = (value: number) => scoreText(value, i18n.language);
  return (
    <Box>
      {notAssessed > 0 && <p>{t("finder.notAssessed", { count: notAssessed })}</p>}
      <Rows items={files} keyOf={({ path }) => path}>
        {({ path, relevant, reasons, engineScore, modelScore, ...file }) => (
          <FileLine path={path} reasons={reasons}>
            <span title={t("files.score", { score: score(file.score) })}>{score(file.score)}</span>
            {engineScore !== undefined && <span>{t("finder.engineScore", { score: score(engineScore) })}</span>}
            {modelScore !== undefined && <span>{t("finder.modelScore", { score: score(modelScore) })}</span>}
            {!relevant && <span>{t("finder.irrelevant")}</span>}
          </FileLine>
        )}
      </Rows>
      <DroppedList dropped={dropped} />
    </Box>
  );
}

function Extended({ files: { files, dropped } }: { readonly files: VerifiedPaths }) {
  const { t, i18n } = useTranslation();
  return (
    <Box>
      <Rows items={files} keyOf={({ path }) => path}>
        {({ path, score, reasons }) => (
          <FileLine path={path} reasons={reasons}>
            <span title={t("files.score", { score: scoreText(score, i18n.language) })}>{scoreText(score, i18n.language)}</span>
          </FileLine>
        )}
      </Rows>
      <DroppedList dropped={dropped} />
    </Box>
  );
}

function FileLine({ path, reasons, children }: { readonly path: string; readonly reasons: readonly FileReason[]; readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <div className="artifact-file">
        <FileLink path={path} line={reasons.find(({ lines }) => lines)?.lines?.firstLine}>
          <span className="mono">{path}</span>
        </FileLink>
        <span className="artifact-scores soft small">{children}</span>
        {reasons.length > 0 && (
          <button type="button" className="file-why small" aria-expanded={open} aria-label={`${t("files.reasons", { count: reasons.length })}: ${path}`} onClick={() => setOpen(!open)}>
            {t("files.reasons", { count: reasons.length })}
          </button>
        )}
      </div>
      {open && <FileReasons path={path} reasons={reasons} />}
    </>
  );
}

const shownAtOnce = 50;

/** The first of them; the others on request. */
function Rows<T>({ items, keyOf, children }: { readonly items: readonly T[]; readonly keyOf: (item: T) => string; readonly children: (item: T) => ReactNode }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(shownAtOnce);
  return (
    <>
      <ul className="artifact-list">
        {items.slice(0, shown).map((item) => (
          <li key={keyOf(item)}>{children(item)}</li>
        ))}
      </ul>
      {items.length > shown && (
        <button type="button" className="button button-small" onClick={() => setShown(shown + 4 * shownAtOnce)}>
          {t("finder.moreRows", { count: Math.min(4 * shownAtOnce, items.length - shown) })}
        </button>
      )}
    </>
  );
}

function DroppedList({ dropped }: { readonly dropped: readonly Dropped[] }) {
  const { t } = useTranslation();
  if (dropped.length === 0) {
    return null;
  }
  return (
    <div>
      <h4 className="soft small">{t("finder.dropped")}</h4>
      <ul className="artifact-list">
        {dropped.map(({ what, why }) => (
          <li key={what}>
            <span className="mono">{what}</span>
            <span className="soft small" lang="en">
              {sentence(why)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
