import type { Token } from "marked";
import type { MarkdownRenderer } from "./render-markdown";

/** One top-level piece of a text, such as a paragraph or a list. */
export interface Block {
  readonly raw: string;
  readonly html: string;
}

/** A text that was cut into blocks; what the next, longer text begins from. */
export interface Blocks {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** `[name]: address`, possibly within a quotation or a list. */
const definition = /^[ \t>*+-]*\[[^\]\n]+\]:/m;

export const noBlocks: Blocks = { text: "", blocks: [] };

/**
 * Cuts `text` into blocks. While a text grows at its end only its last block
 * can change, so the ones before are kept as they are and a long reply costs
 * no more per frame than a short one. A text that is `complete` and defines a
 * reference is read whole, because it may be defined after its use.
 */
export function cutBlocks(former: Blocks, text: string, complete: boolean, renderer: MarkdownRenderer): Blocks {
  if (text.includes("\r")) {
    return cutBlocks(former, text.replaceAll(/\r\n?/g, "\n"), complete, renderer);
  }
  const anew = !text.startsWith(former.text) || (complete && definition.test(text));
  const kept = anew ? [] : former.blocks.slice(0, -1);
  const start = kept.reduce((length, block) => length + block.raw.length, 0);
  const known = new Map(former.blocks.map((block) => [block.html, block]));
  const fresh = withoutSpaces(renderer.lex(text.slice(start))).map(({ token, raw }) => {
    const html = renderer.html(token);
    const same = known.get(html);
    return same?.raw === raw ? same : { raw, html };
  });
  return { text, blocks: [...kept, ...fresh] };
}

/**
 * Blank lines between blocks show nothing, but belong to the text: they are
 * counted to the block before, so that the lengths add up.
 */
function withoutSpaces(tokens: readonly Token[]): { token: Token; raw: string }[] {
  const blocks: { token: Token; raw: string }[] = [];
  for (const token of tokens) {
    const last = blocks.at(-1);
    if ((token.type === "space" || token.type === "def") && last !== undefined) {
      last.raw += token.raw;
    } else {
      blocks.push({ token, raw: token.raw });
    }
  }
  return blocks;
}
