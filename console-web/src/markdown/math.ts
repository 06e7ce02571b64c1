import type { MarkedExtension, TokenizerAndRendererExtension, Tokens } from "marked";
import { escapeHtml } from "./escape-html";

/**
 * Formulas are shown as they were written. Markdown must not touch them: to it
 * `$a_1 * b_1$` is emphasis, `\(x\)` an escaped bracket and a line of `=` a
 * heading.
 */
export const math: MarkedExtension = {
  extensions: [
    {
      name: "mathBlock",
      level: "block",
      start: (text) => /^(?:\$\$|\\\[)/m.exec(text)?.index,
      tokenizer(text) {
        // Until it is closed it reaches to the end, as a fence of code does:
        // what follows cannot be known to be anything else yet.
        const match =
          /^\$\$[ \t]*\n[\s\S]*?(?:\n\$\$[ \t]*(?:\n+|$)|$)/.exec(text) ??
          /^\\\[[ \t]*\n[\s\S]*?(?:\\\][ \t]*(?:\n+|$)|$)/.exec(text) ??
          /^\$\$[^\n$]+\$\$[ \t]*(?:\n+|$)/.exec(text) ??
          /^\\\[[^\n]+?\\\][ \t]*(?:\n+|$)/.exec(text);
        return match ? { type: "mathBlock", raw: match[0], text: match[0].trimEnd() } : undefined;
      },
      renderer: (token) => `<div class="math-block" tabindex="0">${escapeHtml(formula(token))}</div>`,
    },
    {
      name: "math",
      level: "inline",
      start: (text) => /\$|\\[([]/.exec(text)?.index,
      tokenizer(text) {
        const match =
          /^\$\$[^$]+\$\$/.exec(text) ??
          // No space within the dollars and no digit after them, else two
          // prices in a sentence would be a formula.
          /^\$(?![\s$])(?:\\[^\n]|[^$\\\n])*?(?<![\s\\])\$(?!\d)/.exec(text) ??
          /^\\\((?:(?!\n\n)[\s\S])*?\\\)/.exec(text) ??
          /^\\\[(?:(?!\n\n)[\s\S])*?\\\]/.exec(text);
        return match ? { type: "math", raw: match[0], text: match[0] } : undefined;
      },
      renderer: (token) => `<span class="math">${escapeHtml(formula(token))}</span>`,
    },
  ] satisfies TokenizerAndRendererExtension[],
};

function formula(token: Tokens.Generic): string {
  const text: unknown = token["text"];
  return typeof text === "string" ? text : token.raw;
}
