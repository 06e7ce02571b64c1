import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The tokens of the design, so that light and dark are those of the page. */
const look = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "transparent", fontSize: "0.95rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--text-soft)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-soft)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-merge-b .cm-changedLine": { backgroundColor: "var(--diff-new)" },
  ".cm-changedLine": { backgroundColor: "var(--diff-new)" },
  ".cm-changedText": { background: "var(--diff-new-text) !important" },
  "&.cm-merge-a .cm-changedLine": { backgroundColor: "var(--diff-old)" },
  "&.cm-merge-a .cm-changedText": { background: "var(--diff-old-text) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--diff-old)" },
  ".cm-deletedText": { background: "var(--diff-old-text) !important" },
  ".cm-tooltip": { border: "1px solid var(--line)", borderRadius: "var(--radius)", backgroundColor: "var(--surface-raised)", color: "var(--text)" },
  ".cm-panels": { backgroundColor: "var(--surface-sunken)", color: "var(--text)" },
  ".cm-diagnostic": { fontFamily: "var(--font)" },
  ".cm-diagnosticAction": { border: "1px solid var(--line-strong)", borderRadius: "var(--radius)", backgroundColor: "var(--surface)", color: "var(--text)" },
  ".cm-foldPlaceholder": { border: "1px solid var(--line)", backgroundColor: "var(--surface-sunken)", color: "var(--text-soft)" },
  ".cm-selectionMatch": { backgroundColor: "var(--warning-soft)" },
  ".cm-collapsedLines": { color: "var(--accent)", background: "var(--surface-sunken)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.atom, tags.bool], color: "var(--code-keyword)" },
  { tag: [tags.definition(tags.name), tags.function(tags.name), tags.typeName, tags.className, tags.tagName], color: "var(--code-name)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.attributeValue], color: "var(--code-string)" },
  { tag: [tags.number, tags.literal], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--text-soft)" },
  { tag: tags.heading, fontWeight: "650" },
  { tag: tags.strong, fontWeight: "650" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
  { tag: [tags.link, tags.url], color: "var(--accent)" },
  { tag: tags.monospace, color: "var(--code-string)" },
  { tag: tags.processingInstruction, color: "var(--text-soft)" },
]);

export const editorTheme = [look, syntaxHighlighting(colours)];
