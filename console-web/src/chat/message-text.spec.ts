import { describe, expect, it } from "vitest";
import { charactersLeft, sendable } from "./message-text";

describe("sendable", () => {
  it("leaves what the server takes", () => {
    expect(sendable(" a\r\nb\rc\td ")).toBe(" a\nb\nc\td ");
    expect(sendable("a\u0000b\u001bc\u007fd\u0085e")).toBe("abcde");
    expect(sendable(" \n ")).toBe("");
  });
});

describe("charactersLeft", () => {
  it("counts characters, not UTF-16 units", () => {
    expect(charactersLeft("")).toBe(32_000);
    expect(charactersLeft("😀".repeat(16_000))).toBe(16_000);
    expect(charactersLeft("😀".repeat(32_000))).toBe(0);
  });
});
