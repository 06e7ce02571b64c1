import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/**
 * Names a build by what it was made from, so that the same sources give the
 * same name on every machine. Tabs of one build share one SharedWorker.
 */
function buildId(): string {
  const hash = createHash("sha256");
  const sources = ["src", "public", "../docs"]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const path of [...sources, "index.html", "vite.config.ts", "package-lock.json"]) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Tells a page that is open which build the server has by now. */
function buildName(build: string): Plugin {
  return {
    name: "build-name",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "build.json", source: `${JSON.stringify({ build })}\n` });
    },
  };
}

/** What the first page may weigh, as it travels: gzip, in bytes. */
const firstLoadBudget = 250 * 1024;

/**
 * Fails a build whose first page is too heavy: a conversation opened by its
 * address, which is the heaviest.
 */
function firstLoad(): Plugin {
  return {
    name: "first-load-budget",
    generateBundle(_, bundle) {
      const files = new Set<string>();
      const visit = (name: string) => {
        const chunk = bundle[name];
        if (files.has(name) || chunk?.type !== "chunk") {
          return;
        }
        files.add(name);
        chunk.viteMetadata?.importedCss.forEach((style) => files.add(style));
        chunk.imports.forEach(visit);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk" && (chunk.isEntry || chunk.facadeModuleId?.endsWith("conversation-route.tsx") === true)) {
          visit(chunk.fileName);
        }
      }
      const bytes = [...files].reduce((sum, name) => {
        const file = bundle[name];
        const content = file?.type === "chunk" ? file.code : (file?.source ?? "");
        return sum + gzipSync(content, { level: 9 }).length;
      }, 0);
      this.info(`first load: ${Math.round(bytes / 1024)} KiB gzip`);
      if (bytes > firstLoadBudget) {
        this.error(`first load is ${bytes} bytes of gzip, more than ${firstLoadBudget}`);
      }
    },
  };
}

const server = process.env["BANTO_SERVER"] ?? "http://127.0.0.1:7310";

const build = buildId();

export default defineConfig({
  plugins: [react(), firstLoad(), buildName(build)],
  define: { __BUILD_ID__: JSON.stringify(build) },
  build: {
    target: ["chrome123", "firefox121", "safari17.5"],
    // Everything is loaded from our own origin; data: URLs would only make the
    // content-security-policy wider.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Left alone, whatever two pages share becomes a file of its own: some
          // fifty for the first page, most of them smaller than their headers.
          groups: [
            { name: "vendor", test: /node_modules[\\/](react|react-dom|scheduler|i18next|react-i18next|@tanstack[\\/](react-router|router-core|history|store|react-store)|@connectrpc|@bufbuild)[\\/]/, priority: 2 },
            { name: "frame", test: /[\\/]src[\\/]main\.tsx$/, priority: 1 },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  // `npm run dev` talks to a running server under the page's own origin.
  server: {
    proxy: { "/banto.v1.": { target: server, changeOrigin: true } },
    // The documentation lies beside the console and is part of it.
    fs: { allow: [".", "../docs"] },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.spec.{ts,tsx}"],
    setupFiles: ["src/spec-setup.ts"],
    restoreMocks: true,
  },
});
