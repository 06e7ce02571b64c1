import { describe, expect, it } from "vitest";
import { textChange } from "./text-change";

describe("textChange", () => {
  it("is the least that differs", () => {
    expect(textChange("one two three", "one 2 three")).toEqual({ from: 4, to: 7, insert: "2" });
    expect(textChange("aa", "aaa")).toEqual({ from: 2, to: 2, insert: "a" });
    expect(textChange("番頭", "番")).toEqual({ from: 1, to: 2, insert: "" });
    expect(textChange("same", "same")).toBeUndefined();
  });

  it("makes one text the other", () => {
    for (const [before, after] of [["", "x"], ["abcabc", "abc"], ["abc", "abcabc"], ["xay", "xby"]] as const) {
      const change = textChange(before, after);
      expect(change && before.slice(0, change.from) + change.insert + before.slice(change.to)).toBe(after);
    }
  });
});
