import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { markdown, markdownKeymap } from "@codemirror/lang-markdown";
import { Annotation, EditorState, Transaction } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { TextRange } from "../tasks/byte-range";
import "./editor.css";
import { editorTheme } from "./editor-theme";
import { textChange } from "./text-change";

/** Marks what came from elsewhere, so that it is not reported as typed. */
const fromOutside = Annotation.define<true>();

interface MarkdownEditorProps {
  readonly label: string;
  readonly placeholder: string;
  readonly text: string;
  readonly onType: (text: string) => void;
  readonly onSelect: (range: TextRange) => void;
  readonly onCompose: (composing: boolean) => void;
  readonly onBlur: () => void;
  /** It is what one is here for. */
  readonly focus: boolean;
}

/** A text in Markdown. Its own history undoes keys; what comes from outside is no part of it. */
export function MarkdownEditor({ label, placeholder, text, onType, onSelect, onCompose, onBlur, focus }: MarkdownEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const handlers = useRef({ onType, onSelect, onCompose, onBlur });
  const view = useRef<EditorView | null>(null);
  const latest = useRef(text);
  const wanted = useRef(focus);
  useEffect(() => {
    handlers.current = { onType, onSelect, onCompose, onBlur };
  });

  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    const editor = new EditorView({
      parent: place.current,
      doc: latest.current,
      extensions: [
        // The bytes of a text are its own; line ends are no business of the editor's.
        EditorState.lineSeparator.of("\n"),
        history(),
        keymap.of([...markdownKeymap, ...defaultKeymap, ...historyKeymap]),
        markdown(),
        EditorView.lineWrapping,
        placeholderText(placeholder),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "true", autocapitalize: "sentences" }),
        editorTheme,
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((transaction) => transaction.annotation(fromOutside))) {
            handlers.current.onType(update.state.doc.toString());
          }
          if (update.selectionSet || update.docChanged) {
            const { from, to } = update.state.selection.main;
            handlers.current.onSelect({ from, to });
          }
        }),
        EditorView.domEventHandlers({
          compositionstart: () => handlers.current.onCompose(true),
          compositionend: () => handlers.current.onCompose(false),
          blur: () => handlers.current.onBlur(),
        }),
      ],
    });
    view.current = editor;
    if (wanted.current) {
      wanted.current = false;
      editor.focus();
    }
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [label, placeholder]);

  useEffect(() => {
    latest.current = text;
    const editor = view.current;
    const change = editor && textChange(editor.state.doc.toString(), text);
    if (change) {
      editor.dispatch({ changes: change, annotations: [fromOutside.of(true), Transaction.addToHistory.of(false)] });
    }
  }, [text]);

  return <div className="editor-box" ref={place} data-testid="description-editor" />;
}
