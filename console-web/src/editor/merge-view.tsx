import { xml } from "@codemirror/lang-xml";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import "./editor.css";
import { editorTheme } from "./editor-theme";

interface SideBySideProps {
  readonly oldLabel: string;
  readonly newLabel: string;
  readonly before: string;
  readonly after: string;
}

/** Two texts beside each other, where they differ. They are read, not edited. */
export function SideBySide({ oldLabel, newLabel, before, after }: SideBySideProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    const side = (label: string, doc: string) => ({
      doc,
      extensions: [
        EditorState.lineSeparator.of("\n"),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, role: "textbox", "aria-multiline": "true", "aria-readonly": "true" }),
        lineNumbers(),
        xml({ autoCloseTags: false }),
        editorTheme,
      ],
    });
    const view = new MergeView({
      parent: place.current,
      a: side(oldLabel, before),
      b: side(newLabel, after),
      gutter: true,
      collapseUnchanged: { margin: 3, minSize: 8 },
      // Two long texts that have nothing in common would hold the page up.
      diffConfig: { scanLimit: 5000, timeout: 300 },
    });
    return () => view.destroy();
  }, [oldLabel, newLabel, before, after]);
  return <div className="editor-box diff side-by-side" ref={place} data-testid="diff" />;
}
