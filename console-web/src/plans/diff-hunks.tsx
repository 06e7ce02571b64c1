import "../editor/editor.css";
import { type DiffHunk, DiffLineKind } from "../gen/banto/v1/plans_pb";

const kinds: ReadonlyMap<DiffLineKind, readonly ["added" | "removed" | "same", string]> = new Map([
  [DiffLineKind.ADDED, ["added", "+"]],
  [DiffLineKind.REMOVED, ["removed", "−"]],
  [DiffLineKind.SAME, ["same", " "]],
]);

/** Lines that differ, as the server found them. */
export function DiffHunks({ hunks }: { readonly hunks: readonly DiffHunk[] }) {
  return (
    // It scrolls, so the keyboard has to reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="hunks mono" tabIndex={0}>
      {hunks.map(({ oldLine, newLine, lines }) => (
        <div key={`${oldLine} ${newLine}`} className="hunk">
          <p className="soft small">{`@@ −${oldLine} +${newLine} @@`}</p>
          {lines.map(({ kind, text }, index) => {
            const [name, mark] = kinds.get(kind) ?? (["same", " "] as const);
            return (
              // Lines never change their places.
              // oxlint-disable-next-line react/no-array-index-key
              <pre key={index} data-line={name}>
                {mark} {text.replace(/\n$/, "")}
              </pre>
            );
          })}
        </div>
      ))}
    </div>
  );
}
