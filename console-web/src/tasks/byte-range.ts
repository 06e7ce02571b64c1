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

/** Code units between two places whose bytes are remembered. */
const stride = 2048;

/** Finds places of one text in either count, for texts in which many are looked up. */
export class ByteIndex {
  readonly #text: string;
  /** Bytes before each stride; undefined for a text in which both counts are the same. */
  readonly #marks: readonly number[] | undefined;
  readonly bytes: number;

  constructor(text: string) {
    this.#text = text;
    const marks: number[] = [];
    let bytes = 0;
    for (let at = 0; at < text.length; at += stride) {
      marks.push(bytes);
      bytes += this.#bytesBetween(at, Math.min(at + stride, text.length));
    }
    this.bytes = bytes;
    this.#marks = bytes === text.length ? undefined : marks;
  }

  /** Bytes before a code unit. */
  toByte(unit: number): number {
    const at = Math.max(0, Math.min(unit, this.#text.length));
    const mark = Math.min(Math.floor(at / stride), (this.#marks?.length ?? 1) - 1);
    return this.#marks === undefined ? at : (this.#marks[mark] ?? 0) + this.#bytesBetween(mark * stride, at);
  }

  /** The code unit at which a byte lies; inside a character, that character's. */
  toUnit(byte: number): number {
    const wanted = Math.max(0, Math.min(byte, this.bytes));
    if (this.#marks === undefined) {
      return wanted;
    }
    let low = 0;
    let high = this.#marks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle] ?? 0) <= wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    let unit = low * stride;
    // A pair that a stride cuts is counted whole with its first half.
    let bytes = this.#marks[low] ?? 0;
    while (unit < this.#text.length) {
      const next = bytes + this.#bytesBetween(unit, unit + 1);
      if (next > wanted) {
        break;
      }
      bytes = next;
      unit += 1;
    }
    return unit;
  }

  /** As UTF-8 takes them, where a pair of surrogates counts whole with its first half. */
  #bytesBetween(from: number, to: number): number {
    let bytes = 0;
    for (let at = from; at < to; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code < 0x80) {
        bytes += 1;
      } else if (code < 0x800) {
        bytes += 2;
      } else if (code >= 0xd800 && code < 0xdc00 && (this.#text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
        bytes += 4;
      } else if (code >= 0xdc00 && code < 0xe000 && (this.#text.charCodeAt(at - 1) & 0xfc00) === 0xd800) {
        bytes += 0;
      } else {
        bytes += 3;
      }
    }
    return bytes;
  }
}
