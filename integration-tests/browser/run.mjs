// Runs one scenario of scenarios.mjs in a real Chromium.
//
//   BANTO_LINK=<ready link> node run.mjs <scenario>
//
// The browser is driven here, the server and its model by the Rust test that
// started this script. `ask` writes a step to stdout and waits until a line on
// stdin says that it was done.

import { createRequire } from "node:module";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as scenarios from "./scenarios.mjs";

// The console's own dependencies; this folder has none.
const require = createRequire(new URL("../../console-web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];
const executablePath = places.find((place) => place && existsSync(place));
if (executablePath === undefined) {
  throw new Error("no Chromium was found: install it, or set CHROMIUM to its path");
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async (step) => {
  process.stdout.write(`${step}\n`);
  const { value } = await answers.next();
  if (value !== "done") {
    throw new Error(`the step ${JSON.stringify(step)} was answered with ${JSON.stringify(value)}`);
  }
};

const profile = mkdtempSync(join(tmpdir(), "banto-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  locale: "en-US",
  viewport: { width: 1280, height: 800 },
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"].concat(
    ["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ),
});
context.setDefaultTimeout(15_000);

// What a scenario must never see, wherever it happens.
const faults = [];
context.on("page", (page) => {
  page.on("pageerror", (error) => faults.push(`an error on the page: ${error.stack}`));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
});

try {
  const scenario = scenarios[process.argv[2]];
  const page = await context.newPage();
  await page.goto(process.env.BANTO_LINK);
  await scenario({ page, context, ask });
  if (faults.length > 0) {
    throw new Error(faults.join("\n"));
  }
} catch (error) {
  for (const page of context.pages()) {
    const text = await page.locator("body").innerText({ timeout: 1_000 }).catch(() => "(no text)");
    process.stderr.write(`--- ${page.url()} shows ---\n${text}\n`);
  }
  process.stderr.write(`${[error.stack, ...faults].join("\n")}\n`);
  process.exitCode = 1;
} finally {
  await context.close().catch(() => undefined);
  rmSync(profile, { recursive: true, force: true });
  process.stdin.destroy();
}
