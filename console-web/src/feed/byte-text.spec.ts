import { describe, expect, it } from "vitest";
import { byteLength, sliceBytes } from "./byte-text";

describe("byteLength", () => {
  it.each(["", "abc", "é", "番頭さん", "a😀b", "\ud83d", "\ude00x", "\ud83dx"])("agrees with TextEncoder on %j", (text) => {
    expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
  });
});

describe("sliceBytes", () => {
  it("cuts by bytes, not by characters", () => {
    expect(sliceBytes("番頭a", 3)).toBe("頭a");
    expect(sliceBytes("番頭a", 0, 6)).toBe("番頭");
  });
});
