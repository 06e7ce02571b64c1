import { LanguageDescription } from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { Compartment, EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Lines } from "../files/match-ranges";
import "./editor.css";
import { editorTheme } from "./editor-theme";

interface CodeViewProps {
  readonly label: string;
  readonly path: string;
  readonly text: string;
  /** Passages to mark. */
  readonly marked: readonly Lines[];
  /** The line to go to. */
  readonly line: number | undefined;
}

interface Marks {
  readonly marked: readonly Lines[];
  readonly line: number | undefined;
}

const setMarks = StateEffect.define<Marks>();
const markedLine = Decoration.line({ class: "cm-marked" });
const currentLine = Decoration.line({ class: "cm-marked cm-current" });

function decorations(state: EditorState, { marked, line }: Marks): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const ranges = line === undefined || marked.some(({ first, last }) => first <= line && line <= last) ? marked : [...marked, { first: line, last: line }];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const current = line !== undefined && first <= line && line <= last;
    for (let number = first; number <= Math.min(last, state.doc.lines); number += 1) {
      const { from } = state.doc.line(number);
      builder.add(from, from, current ? currentLine : markedLine);
    }
  }
  return builder.finish();
}

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    const effect = transaction.effects.find((candidate) => candidate.is(setMarks));
    return effect ? decorations(transaction.state, effect.value as Marks) : before;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** A file to read: numbered, coloured, with marked passages. */
export function CodeView({ label, path, text, marked, line }: CodeViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    const language = new Compartment();
    const editor = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": "true", role: "textbox", "aria-multiline": "true" }),
        lineNumbers(),
        language.of([]),
        editorTheme,
        marks,
      ],
    });
    view.current = editor;
    let gone = false;
    void LanguageDescription.matchFilename(languages, path)
      ?.load()
      .then(
        (support) => gone || editor.dispatch({ effects: language.reconfigure(support) }),
        // Without colours it reads as well.
        () => undefined,
      );
    return () => {
      gone = true;
      view.current = null;
      editor.destroy();
    };
  }, [label, path, text]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) {
      return;
    }
    editor.dispatch({ effects: setMarks.of({ marked, line }) });
    if (line !== undefined && line <= editor.state.doc.lines) {
      const { from } = editor.state.doc.line(line);
      // The editor's own way would scroll the page as well, and its head away.
      editor.requestMeasure({
        read: () => editor.lineBlockAt(from).top,
        write: (top) => editor.scrollDOM.scrollTo({ top: top - 60 }),
      });
    }
  }, [label, path, text, marked, line]);

  return <div className="code-view" ref={place} data-testid="code-view" />;
}
