import { describe, expect, it } from "vitest";
import { mergeChoices, noChoices, sameChoices } from "./choices";

const seen = { ...noChoices, model: "m-1", language: "en" };

describe("mergeChoices", () => {
  it("takes from each side what only that side changed", () => {
    const { choices, contested } = mergeChoices(seen, { ...seen, model: "m-2" }, { ...seen, language: "ja" });
    expect(choices).toEqual({ ...seen, model: "m-2", language: "ja" });
    expect(contested).toEqual([]);
  });

  it("keeps mine where both changed, and says so", () => {
    const { choices, contested } = mergeChoices(seen, { ...seen, model: "m-2" }, { ...seen, model: "m-3" });
    expect(choices.model).toBe("m-2");
    expect(contested).toEqual(["model"]);
  });

  it("is content when both wanted the same", () => {
    const both = { ...seen, instructions: "Be brief." };
    expect(mergeChoices(seen, both, both)).toEqual({ choices: both, contested: [] });
  });

  it("knows equal choices", () => {
    expect(sameChoices(seen, { ...seen })).toBe(true);
    expect(sameChoices(seen, noChoices)).toBe(false);
  });
});
