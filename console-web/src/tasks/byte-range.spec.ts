import { describe, expect, it } from "vitest";
import { ByteIndex, byteRange, relocate, wholeCharacters } from "./byte-range";

const bytes = (text: string, from: number, to: number) => {
  const { start, end } = byteRange(text, { from, to });
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(Number(start), Number(end)));
};

describe("byteRange", () => {
  it("counts in bytes what the editor counts in code units", () => {
    const text = "a番頭👍b\nc";
    expect(byteRange(text, { from: 1, to: 3 })).toEqual({ start: 1n, end: 7n });
    expect(byteRange(text, { from: 3, to: 5 })).toEqual({ start: 7n, end: 11n });
    expect(bytes(text, 1, 6)).toBe("番頭👍b");
    expect(bytes(text, 0, text.length)).toBe(text);
  });

  it("takes an emoji whole, wherever the edge was", () => {
    const text = "x👍y";
    expect(wholeCharacters(text, { from: 2, to: 2 })).toEqual({ from: 1, to: 3 });
    expect(wholeCharacters(text, { from: 1, to: 3 })).toEqual({ from: 1, to: 3 });
    expect(wholeCharacters(text, { from: 0, to: 4 })).toEqual({ from: 0, to: 4 });
  });
});

describe("relocate", () => {
  it("finds the passage at its place, or the only other one", () => {
    expect(relocate("one two", "two", 4)).toEqual({ from: 4, to: 7 });
    expect(relocate("zero one two", "two", 4)).toEqual({ from: 9, to: 12 });
    expect(relocate("twotwo two", "two", 4)).toBeUndefined();
    expect(relocate("one", "two", 4)).toBeUndefined();
    expect(relocate("grown", "", 0)).toEqual({ from: 0, to: 0 });
  });
});

describe("ByteIndex", () => {
  const texts = ["", "ascii only", `番頭 👍 é ${"x".repeat(2040)}👍👍${"番".repeat(3000)}👍 end`, `${"a".repeat(2047)}👍b`];

  it("counts as UTF-8 does", () => {
    for (const text of texts) {
      const index = new ByteIndex(text);
      expect(index.bytes).toBe(new TextEncoder().encode(text).length);
      let unit = 0;
      for (const char of text) {
        const before = new TextEncoder().encode(text.slice(0, unit)).length;
        expect(index.toByte(unit)).toBe(before);
        expect(index.toUnit(before)).toBe(unit);
        unit += char.length;
      }
      expect(index.toUnit(index.bytes)).toBe(text.length);
      expect(index.toUnit(1e9)).toBe(text.length);
    }
  });
});
