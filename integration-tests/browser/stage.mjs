// A real Chromium with an empty profile, and what must never be seen in it.

import { createRequire } from "node:module";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Network } from "./network.mjs";

// The console's own dependencies; this folder has none.
export const require = createRequire(new URL("../../console-web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

/** A name that is this machine, but which a browser does not trust as it trusts localhost. */
export const plainName = "banto.test";

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${plainName} 127.0.0.1`,
];

/**
 * Opens the browser. `faults` fills with what happens where it must not; `close`
 * ends the browser and returns what it then knows of the network, too.
 */
export async function openBrowser({ origins, args = [], ...options }) {
  const executablePath = places.find((place) => place && existsSync(place));
  if (executablePath === undefined) {
    throw new Error("no Chromium was found: install it, or set CHROMIUM to its path");
  }
  const profile = mkdtempSync(join(tmpdir(), "banto-browser-"));
  const network = new Network(origins, join(profile, "network.json"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    locale: "en-US",
    viewport: { width: 1280, height: 800 },
    args: [...flags, ...network.flags, ...args],
    ...options,
  });
  // Longer than anything takes on a machine that is busy with other things.
  context.setDefaultTimeout(Number(process.env.PATIENCE ?? 20_000));
  const faults = [];
  const fault = (text) => faults.push(text);
  network.follow(context, fault);
  context.on("page", (page) => {
    page.on("pageerror", (error) => fault(`an error on the page: ${error.stack}`));
    page.on("dialog", (dialog) => {
      fault(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  return {
    context,
    network,
    faults,
    async close() {
      await context.close().catch(() => undefined);
      network.review(fault);
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
