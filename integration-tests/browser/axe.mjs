// What axe says of a page.

import { readFileSync } from "node:fs";
import { require } from "./stage.mjs";

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds serious or critical in what the page shows now, in both themes. */
export const inspector = (page) => {
  const problems = [];
  const inspect = async (state) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const present = await page.evaluate(() => "axe" in globalThis);
      if (!present) {
        await page.evaluate(axe);
      }
      const found = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
        return violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target.join(" ")}: ${node.failureSummary}`));
      });
      problems.push(...found.map((problem) => `${state}, ${colorScheme}: ${problem}`));
    }
  };
  return { problems, inspect };
};

/** Nothing moves while it is looked at. */
export const quiet = { options: { reducedMotion: "reduce" } };
