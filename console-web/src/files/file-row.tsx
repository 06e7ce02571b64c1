import { Check, ChevronDown, ChevronRight, KeyRound, type LucideIcon, Pin, X } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { FileChoice, FileSource, type TaskFile } from "../gen/banto/v1/tasks_pb";
import { scoreText } from "../ui/format";
import { FileReasons } from "./file-reasons";
import { counts } from "./selection";

interface FileRowProps {
  readonly file: TaskFile;
  /** What is shown of the path. */
  readonly name: string;
  readonly depth: number;
  /** It is the one that the keys act on. */
  readonly active: boolean;
  /** It is shown beside the list. */
  readonly shown: boolean;
  readonly explained: boolean;
  readonly onActive: () => void;
  readonly onShow: () => void;
  readonly onExplain: () => void;
  readonly onChoose: (choice: FileChoice) => void;
}

const choices = [
  [FileChoice.INCLUDED, "included", "include", Check],
  [FileChoice.PINNED, "pinned", "pin", Pin],
  [FileChoice.EXCLUDED, "excludedState", "exclude", X],
] as const satisfies readonly (readonly [FileChoice, string, string, LucideIcon])[];

/** One file: whether it counts, why it is there, and what it weighs. */
export const FileRow = memo(function FileRow({ file, name, depth, active, shown, explained, onActive, onShow, onExplain, onChoose }: FileRowProps) {
  const { t, i18n } = useTranslation();
  const { path, choice, source, score, reasons, tokens, looksSecret } = file;
  // Of all rows only one is a stop of the Tab key.
  const tabIndex = active ? 0 : -1;
  const cut = name.lastIndexOf("/") + 1;
  const state = choices.find(([known]) => known === choice);
  return (
    <div className="file" data-counts={counts(file)} style={{ paddingInlineStart: `${depth * 18}px` }} onFocus={onActive}>
      <div className="file-line">
        <span className="file-choices">
          {choices.map(([value, , command, Icon]) => (
            <button
              key={command}
              type="button"
              className="icon-button file-choice"
              data-choice={command}
              aria-pressed={choice === value}
              aria-label={t(`files.${command}`, { path })}
              title={t(`files.${command}`, { path })}
              tabIndex={tabIndex}
              onClick={() => onChoose(value)}
            >
              <Icon aria-hidden="true" size={15} />
            </button>
          ))}
        </span>
        <button type="button" className="file-open mono" aria-current={shown} tabIndex={tabIndex} title={path} onClick={onShow}>
          {/* The end of a path says most; its beginning gives way. */}
          <span className="file-folder">{name.slice(0, cut)}</span>
          <span className="file-name">{name.slice(cut)}</span>
        </button>
        <span className="file-facts small">
          {state && <span className="tag">{t(`files.${state[1]}`)}</span>}
          <span className="soft">{t(source === FileSource.RELEVANT ? "files.relevant" : source === FileSource.EXTENDED ? "files.extended" : "files.chosen")}</span>
          {looksSecret && (
            <span className="file-secret" title={t("files.secret")}>
              <KeyRound role="img" aria-label={t("files.secret")} size={14} />
            </span>
          )}
          <span className="file-score" title={score === undefined ? undefined : t("files.score", { score: scoreText(score, i18n.language) })}>
            {score !== undefined && (
              <>
                <span className="file-score-bar" aria-hidden="true" style={{ inlineSize: `${Math.round(score * 100)}%` }} />
                <span className="visually-hidden">{t("files.score", { score: scoreText(score, i18n.language) })}</span>
              </>
            )}
          </span>
          <span className="file-tokens soft">{tokens === 0n ? "–" : t("files.tokensOf", { tokens: tokens.toLocaleString(i18n.language) })}</span>
          {reasons.length === 0 ? (
            <span className="file-why" />
          ) : (
            <button
              type="button"
              className="file-why"
              aria-expanded={explained}
              aria-label={`${t("files.reasons", { count: reasons.length })}: ${path}`}
              tabIndex={tabIndex}
              onClick={onExplain}
            >
              {explained ? <ChevronDown aria-hidden="true" size={14} /> : <ChevronRight aria-hidden="true" size={14} />}
              {t("files.reasons", { count: reasons.length })}
            </button>
          )}
        </span>
      </div>
      {explained && <FileReasons path={path} reasons={reasons} />}
    </div>
  );
});
