import { byteLength } from "../feed/byte-text";

/** A passage of a text, in UTF-16 code units as JavaScript and editors count. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** The same in bytes of UTF-8, as the API counts. */
export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Widens a range to whole characters: no edge inside a surrogate pair. */
export function wholeCharacters(text: string, { from, to }: TextRange): TextRange {
  return { from: insidePair(text, from) ? from - 1 : from, to: insidePair(text, to) ? to + 1 : to };
}

function insidePair(text: string, index: number): boolean {
  const code = text.codePointAt(index - 1);
  return index > 0 && index < text.length && code !== undefined && code > 0xffff;
}

/** Where a passage lies, for the API. Its edges must be those of characters. */
export function byteRange(text: string, { from, to }: TextRange): ByteRange {
  const start = byteLength(text.slice(0, from));
  return { start: BigInt(start), end: BigInt(start + byteLength(text.slice(from, to))) };
}

/**
 * Where a passage is now, after the text may have changed: at its place, else
 * at the only other place where it stands. Undefined: there is none, or several.
 */
export function relocate(text: string, passage: string, from: number): TextRange | undefined {
  if (text.startsWith(passage, from)) {
    return { from, to: from + passage.length };
  }
  const first = passage === "" ? -1 : text.indexOf(passage);
  if (first < 0 || text.indexOf(passage, first + 1) >= 0) {
    return undefined;
  }
  return { from: first, to: first + passage.length };
}
