import { describe, expect, it } from "vitest";
import { dollars, nanoUsd } from "./nano-usd";

describe("dollars and billionths", () => {
  it("are the same amount, both ways and to the last digit", () => {
    for (const [text, nano] of [
      ["0", 0n],
      ["5", 5_000_000_000n],
      ["0.10", 100_000_000n],
      ["12.34", 12_340_000_000n],
      ["0.000000001", 1n],
      ["999999999.999999999", 999_999_999_999_999_999n],
    ] as const) {
      expect(nanoUsd(text)).toBe(nano);
      expect(dollars(nano)).toBe(text);
    }
  });

  it("take what people type", () => {
    expect(nanoUsd(" $2.5 ")).toBe(2_500_000_000n);
    expect(nanoUsd("１０")).toBe(10_000_000_000n);
  });

  it("refuse what is no exact amount", () => {
    for (const text of ["", "-1", "1e3", "1,50", "0.0000000001", "ten", "1.", "NaN"]) {
      expect(nanoUsd(text), text).toBeUndefined();
    }
  });
});
