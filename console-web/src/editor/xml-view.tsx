import { EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import "./editor.css";
import { xmlText } from "./xml-text";

/** A passage of the text that is marked. */
export interface MarkedPassage {
  readonly from: number;
  readonly to: number;
  readonly current: boolean;
}

interface XmlViewProps {
  readonly label: string;
  readonly unfold: string;
  readonly text: string;
  /** Another one is another text; the same goes on where it was. */
  readonly generation: string;
  readonly writing: boolean;
  /** Where to go; another object is another wish. */
  readonly target: { readonly span: { readonly from: number; readonly to: number } } | undefined;
  readonly marked: readonly MarkedPassage[];
  readonly onSelect: (range: { readonly from: number; readonly to: number }) => void;
}

/** So near to the end counts as at the end. */
const nearPx = 40;
const setMarked = StateEffect.define<readonly MarkedPassage[]>();
const passage = Decoration.mark({ class: "cm-passage" });
const currentPassage = Decoration.mark({ class: "cm-passage cm-current" });

const passages = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => {
    const effect = transaction.effects.find((candidate) => candidate.is(setMarked));
    if (effect === undefined) {
      return before.map(transaction.changes);
    }
    const builder = new RangeSetBuilder<Decoration>();
    const { length } = transaction.state.doc;
    for (const { from, to, current } of (effect.value as readonly MarkedPassage[]).toSorted((a, b) => a.from - b.from || a.to - b.to)) {
      if (from < to && to <= length) {
        builder.add(from, to, current ? currentPassage : passage);
      }
    }
    return builder.finish();
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** A text in XML to read, also while it is written: then its end is followed, unless the reader went elsewhere. */
export function XmlView({ label, unfold, text, generation, writing, target, marked, onSelect }: XmlViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ text, onSelect, writing });
  const follows = useRef(true);
  useEffect(() => {
    latest.current = { text, onSelect, writing };
  });

  useEffect(() => {
    if (place.current === null) {
      return undefined;
    }
    follows.current = latest.current.writing;
    const editor = new EditorView({
      parent: place.current,
      doc: latest.current.text,
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ tabindex: "0", role: "textbox", "aria-multiline": "true", "aria-readonly": "true" }),
        xmlText(label, unfold),
        passages,
        EditorView.updateListener.of((update) => {
          if (update.selectionSet) {
            const { from, to } = update.state.selection.main;
            latest.current.onSelect({ from, to });
          }
        }),
      ],
    });
    view.current = editor;
    const { scrollDOM } = editor;
    const onScroll = () => {
      follows.current = scrollDOM.scrollHeight - scrollDOM.scrollTop - scrollDOM.clientHeight < nearPx;
    };
    scrollDOM.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      view.current = null;
      scrollDOM.removeEventListener("scroll", onScroll);
      editor.destroy();
    };
  }, [label, unfold, generation]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) {
      return;
    }
    const { length } = editor.state.doc;
    if (text.length > length) {
      editor.dispatch({ changes: { from: length, insert: text.slice(length) } });
    } else if (text.length < length) {
      editor.dispatch({ changes: { from: text.length, to: length } });
    }
    if (writing && follows.current) {
      editor.requestMeasure({
        key: "follow",
        read: () => undefined,
        write: () => {
          editor.scrollDOM.scrollTop = editor.scrollDOM.scrollHeight;
        },
      });
    }
  }, [text, generation, writing]);

  useEffect(() => {
    view.current?.dispatch({ effects: setMarked.of(marked) });
  }, [marked, generation, text]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== null && target !== undefined && target.span.from <= editor.state.doc.length) {
      follows.current = false;
      const { from, to } = target.span;
      editor.dispatch({ selection: { anchor: from, head: Math.min(to, editor.state.doc.length) }, effects: EditorView.scrollIntoView(from, { y: "start", yMargin: 30 }) });
    }
  }, [target, generation]);

  return <div className="xml-box" ref={place} data-testid="plan-text" />;
}
