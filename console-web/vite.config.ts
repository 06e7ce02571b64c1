import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/**
 * Names a build by what it was made from, so that the same sources give the
 * same name on every machine. Tabs of one build share one SharedWorker.
 */
function buildId(): string {
  const hash = createHash("sha256");
  const sources = readdirSync("src", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const path of [...sources, "package-lock.json"]) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 12);
}

const server = process.env["BANTO_SERVER"] ?? "http://127.0.0.1:7310";

export default defineConfig({
  plugins: [react()],
  define: { __BUILD_ID__: JSON.stringify(buildId()) },
  build: {
    target: ["chrome123", "firefox121", "safari17.5"],
    // Everything is loaded from our own origin; data: URLs would only make the
    // content-security-policy wider.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  // `npm run dev` talks to a running server under the page's own origin.
  server: { proxy: { "/banto.v1.": { target: server, changeOrigin: true } } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.spec.{ts,tsx}"],
    setupFiles: ["src/spec-setup.ts"],
    restoreMocks: true,
  },
});
