import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Diagnostic, lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, type Text, Transaction } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useRef } from "react";
import "./editor.css";
import { textChange } from "./text-change";
import { xmlText } from "./xml-text";

/** What a person or a check wants of an editor. Reading the whole text costs as much as it is long. */
export interface XmlEditorHandle {
  readonly text: () => string;
  /** Makes the text another one; that is no step to undo. */
  readonly replace: (text: string) => void;
  readonly goTo: (from: number, to: number) => void;
  /** Shows what is wrong with `checked`; nothing where the text is another one by now. */
  readonly show: (checked: string, diagnostics: readonly Diagnostic[]) => void;
  /** Changes a passage of `checked`. False: the text is another one by now. */
  readonly change: (checked: string, from: number, to: number, insert: string) => boolean;
}

interface XmlEditorProps {
  readonly label: string;
  readonly unfold: string;
  /** What it begins with. */
  readonly text: string;
  readonly onReady: (handle: XmlEditorHandle | undefined) => void;
  /** Something was typed. What, is for whoever has the time to ask. */
  readonly onType: () => void;
  readonly onSave: () => void;
}

const fromOutside = Annotation.define<true>();

/** A text in XML to write. Nothing looks at all of it while a key is pressed. */
export function XmlEditor({ label, unfold, text, onReady, onType, onSave }: XmlEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const handlers = useRef({ onReady, onType, onSave });
  const first = useRef(text);
  useEffect(() => {
    handlers.current = { onReady, onType, onSave };
  });
  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    const editor = new EditorView({
      parent: place.current,
      doc: first.current,
      extensions: [
        history(),
        keymap.of([
          // The page has F8 for its messages.
          { key: "F8", run: nextDiagnostic, shift: previousDiagnostic, stopPropagation: true },
          { key: "Mod-s", run: () => (handlers.current.onSave(), true), preventDefault: true },
          ...searchKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        search({ top: true }),
        highlightSelectionMatches(),
        lintGutter(),
        xmlText(label, unfold),
        EditorView.contentAttributes.of({ tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((transaction) => transaction.annotation(fromOutside))) {
            handlers.current.onType();
          }
        }),
      ],
    });
    let read: { readonly doc: Text; readonly text: string } | undefined;
    const whole = () => {
      const { doc } = editor.state;
      read = read?.doc === doc ? read : { doc, text: doc.toString() };
      return read.text;
    };
    const isStill = (checked: string) => editor.state.doc.length === checked.length && whole() === checked;
    handlers.current.onReady({
      text: whole,
      replace: (next) => {
        const change = textChange(whole(), next);
        if (change) {
          editor.dispatch({ changes: change, annotations: [fromOutside.of(true), Transaction.addToHistory.of(false)] });
        }
      },
      goTo: (from, to) => {
        const { length } = editor.state.doc;
        editor.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) }, effects: EditorView.scrollIntoView(Math.min(from, length), { y: "start", yMargin: 60 }) });
        editor.focus();
      },
      show: (checked, diagnostics) => {
        if (isStill(checked)) {
          editor.dispatch(setDiagnostics(editor.state, diagnostics));
        }
      },
      change: (checked, from, to, insert) => {
        const still = isStill(checked);
        if (still) {
          editor.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true, userEvent: "input.fix" });
        }
        return still;
      },
    });
    const { current } = handlers;
    return () => {
      current.onReady(undefined);
      editor.destroy();
    };
  }, [label, unfold]);
  return <div className="xml-box" ref={place} data-testid="plan-editor" />;
}
