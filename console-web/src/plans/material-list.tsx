import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { MaterialShare, type PlanMaterial } from "../gen/banto/v1/plans_pb";
import "./material-list.css";

const shareNames: Readonly<Record<MaterialShare, "whole" | "parts" | "path" | "nothing">> = {
  [MaterialShare.UNSPECIFIED]: "path",
  [MaterialShare.WHOLE]: "whole",
  [MaterialShare.PARTS]: "parts",
  [MaterialShare.PATH]: "path",
  [MaterialShare.NOTHING]: "nothing",
};

/** What is sent of each file, or was: first those of which something is left out. */
export function MaterialList({ material }: { readonly material: readonly PlanMaterial[] }) {
  const { t, i18n } = useTranslation();
  const number = (count: bigint) => count.toLocaleString(i18n.language);
  const cut = useMemo(() => material.filter(({ share }) => share !== MaterialShare.WHOLE), [material]);
  if (material.length === 0) {
    return null;
  }
  return (
    <details className="material-list">
      <summary>{cut.length === 0 ? t("plan.estimate.allWhole", { files: t("task.files", { count: material.length }) }) : t("plan.estimate.cut", { count: cut.length, files: t("task.files", { count: material.length }) })}</summary>
      <ul className="material">
        {[...cut, ...material.filter((file) => !cut.includes(file))].map(({ path, share, tokens, wholeTokens, why, lines }) => (
          <li key={path} data-path={path}>
            <span className="mono">{path}</span>{" "}
            <span className="soft small">
              {t(`plan.share.${shareNames[share] ?? "path"}`)} ·{" "}
              {share === MaterialShare.WHOLE ? t("task.tokens", { tokens: number(tokens) }) : t("plan.estimate.of", { tokens: number(tokens), whole: number(wholeTokens) })}
              {lines.length > 0 && ` · ${lines.map(({ firstLine, lastLine }) => `${firstLine}–${lastLine}`).join(", ")}`}
            </span>
            {why !== "" && (
              <span className="small material-why" lang="en">
                {sentence(why)}
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
