// Runs one scenario in a real Chromium.
//
//   BANTO_LINK=<ready link> node run.mjs <scenario>
//
// The browser is driven here, the server and its model by the Rust test that
// started this script. `ask` writes a step to stdout and waits until a line on
// stdin says that it was done; what follows "done" there is the answer.

import { createInterface } from "node:readline";
import * as scenarios from "./scenarios/index.mjs";
import { openBrowser } from "./stage.mjs";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async (step) => {
  process.stdout.write(`${step}\n`);
  const { value } = await answers.next();
  if (value !== "done" && !value?.startsWith("done ")) {
    throw new Error(`the step ${JSON.stringify(step)} was answered with ${JSON.stringify(value)}`);
  }
  return value.slice("done ".length);
};

const link = process.env.BANTO_LINK;
const { play, options } = scenarios.find(process.argv[2]);
const browser = await openBrowser({ origins: [link], ...options });
const { context, network } = browser;
const cleanups = [];

try {
  const page = await context.newPage();
  await play({
    page,
    context,
    network,
    ask,
    link,
    origin: new URL(link).origin,
    /** Signs in by the launch link. */
    enter: (at = link) => page.goto(at),
    /** Runs when the scenario is over, however it ended. */
    afterwards: (cleanup) => cleanups.push(cleanup),
  });
} catch (error) {
  for (const page of context.pages()) {
    const text = await page.locator("body").innerText({ timeout: 1_000 }).catch(() => "(no text)");
    process.stderr.write(`--- ${page.url()} shows ---\n${text}\n`);
  }
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
} finally {
  await browser.close();
  for (const cleanup of cleanups) {
    await cleanup();
  }
  if (browser.faults.length > 0) {
    process.stderr.write(`${browser.faults.join("\n")}\n`);
    process.exitCode = 1;
  }
  process.stdin.destroy();
}
