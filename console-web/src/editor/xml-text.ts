import { xml } from "@codemirror/lang-xml";
import { codeFolding, foldGutter, foldKeymap } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { editorTheme } from "./editor-theme";

/** What a text in XML has, read or edited: numbers, colours, folding. Its offsets are those of the string. */
export function xmlText(label: string, unfold: string): Extension {
  return [
    EditorState.lineSeparator.of("\n"),
    xml({ autoCloseTags: false }),
    lineNumbers(),
    codeFolding({ placeholderText: "…" }),
    foldGutter({
      markerDOM: (open) => {
        const marker = document.createElement("span");
        marker.textContent = open ? "⌄" : "›";
        marker.title = unfold;
        return marker;
      },
    }),
    keymap.of(foldKeymap),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    editorTheme,
  ];
}
