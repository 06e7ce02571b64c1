import { describe, expect, it } from "vitest";
import { docTarget } from "../markdown/doc-target";
import { headingAnchors } from "../markdown/heading-anchor";
import { allPages, loadPage, summary } from "./pages";

const files = import.meta.glob<string>("../../../docs/*.md", { query: "?raw", import: "default", eager: true });
const pages = Object.entries(files).map(([path, text]) => ({ name: path.replaceAll(/^.*\/|\.md$/g, ""), text }));

function anchors(text: string): Set<string> {
  const anchorOf = headingAnchors();
  const lines = text.replaceAll(/^```[\s\S]*?^```/gm, "").split("\n");
  return new Set(lines.flatMap((line) => (/^#{1,4} /.test(line) ? [anchorOf(line.replace(/^#+ /, ""))] : [])));
}

describe("the documentation", () => {
  it("has every page of the folder", async () => {
    expect([...allPages].toSorted()).toEqual(pages.map(({ name }) => name).toSorted());
    expect(await loadPage("models")).toBe(pages.find(({ name }) => name === "models")?.text);
    expect(await loadPage("nothing")).toBeUndefined();
  });

  it("has no dead link between its pages", () => {
    const known = new Map(pages.map(({ name, text }) => [name, anchors(text)]));
    for (const { name, text } of pages) {
      for (const [, href] of text.matchAll(/\]\(([^)]*\.md[^)]*|#[^)]*)\)/g)) {
        const target = docTarget(href ?? "", name);
        if (target === undefined) {
          continue;
        }
        const there = known.get(target.page);
        expect(there, `${name}: ${href}`).toBeDefined();
        expect(target.anchor === "" || there?.has(target.anchor), `${name}: ${href}`).toBe(true);
      }
    }
  });

  it.each(pages)("says of $name what it is about", ({ text }) => {
    const { title, lead } = summary(text);
    expect(title).not.toBe("");
    expect(lead).toMatch(/[.。:：]$/);
  });
});
