import { describe, expect, it } from "vitest";
import { en } from "./en";
import { enAudit } from "./en-audit";
import { enPlans } from "./en-plans";
import { enSettings } from "./en-settings";
import { enTasks } from "./en-tasks";
import { enWork } from "./en-work";
import { ja } from "./ja";
import { preferredLanguage } from "./language";

function keys(tree: object, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? keys(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

function strings(tree: object): Map<string, string> {
  return new Map(
    keys(tree).map((key) => [
      key,
      String(key.split(".").reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], tree)),
    ]),
  );
}

const placeholders = (text: string) => [...text.matchAll(/\{\{[^}]*\}\}/g)].map(([match]) => match).toSorted();

const english = new Map([...strings(en), ...strings(enSettings), ...strings(enTasks), ...strings(enPlans), ...strings(enAudit), ...strings(enWork)]);

describe("the languages", () => {
  it("have the same keys", () => {
    expect(keys(ja).toSorted()).toEqual([...english.keys()].toSorted());
  });

  it("have the same placeholders in each sentence, and none is empty", () => {
    const japanese = strings(ja);
    for (const [key, text] of english) {
      const translated = japanese.get(key) ?? "";
      expect(translated, key).not.toBe("");
      expect(placeholders(translated), key).toEqual(placeholders(text));
    }
  });
});

describe("preferredLanguage", () => {
  it("is the chosen one, else the browser's first that there is", () => {
    expect(preferredLanguage(localStorage, ["fr-CA", "ja-JP", "en"])).toBe("ja");
    expect(preferredLanguage(localStorage, ["fr"])).toBe("en");
    localStorage.setItem("banto.language", "ja");
    expect(preferredLanguage(localStorage, ["en"])).toBe("ja");
  });
});
