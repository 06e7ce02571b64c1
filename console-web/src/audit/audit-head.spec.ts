import { describe, expect, it } from "vitest";
import { headText, parseHead } from "./audit-head";

describe("the end of a chain", () => {
  const head = { sequence: 12_345_678_901_234_567n, hash: "ab".repeat(32), seal: "cd".repeat(32) };

  it("is read as it was copied", () => {
    expect(parseHead(headText(head))).toEqual(head);
    expect(parseHead(` ${headText(head)}\n`)).toEqual(head);
  });

  it("is nothing else", () => {
    for (const text of ["", "null", "12", "{}", '{"sequence":"1","hash":"short"}', `{"sequence":"-1","hash":"${head.hash}"}`, `{"sequence":"1","hash":"${head.hash}","seal":3}`]) {
      expect(parseHead(text)).toBeUndefined();
    }
  });
});
