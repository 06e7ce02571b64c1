import { markdown } from "@codemirror/lang-markdown";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import "./editor.css";
import { editorTheme } from "./editor-theme";

interface UnifiedDiffProps {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** What becomes of a text, in one column. It is read, not edited. */
export function UnifiedDiff({ label, before, after }: UnifiedDiffProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    const view = new EditorView({
      parent: place.current,
      doc: after,
      extensions: [
        EditorState.lineSeparator.of("\n"),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": "true" }),
        markdown(),
        editorTheme,
        unifiedMergeView({ original: before, mergeControls: false, gutter: true, collapseUnchanged: { margin: 3, minSize: 8 } }),
      ],
    });
    return () => view.destroy();
  }, [label, before, after]);
  return <div className="editor-box diff" ref={place} data-testid="diff" />;
}
