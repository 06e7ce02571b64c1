// Runs the examples of docs/clients.md against a real server, as a reader would:
// the fenced blocks that are marked `test=KIND`, with BANTO_SERVER and
// BANTO_TOKEN set. `expect=a,b` names what the output must hold.
//
// BANTO_BIN is the server's binary. A server that runs already is used when
// BANTO_SERVER and BANTO_TOKEN are set.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const tools = join(root, "console-web/node_modules/.bin");
const folder = mkdtempSync(join(tmpdir(), "banto-clients-"));
const binary = process.env.BANTO_BIN;
const path = [tools, ...(binary ? [dirname(binary)] : []), process.env.PATH].join(delimiter);
const MINUTE = 60_000;

/** The marked blocks: the kind, what is expected, the line, the code. */
function examples(text) {
  const found = [];
  let open;
  text.split("\n").forEach((line, index) => {
    if (open && line.startsWith("```")) {
      found.push(open);
      open = undefined;
    } else if (open) {
      open.code += `${line}\n`;
    } else if (line.startsWith("```")) {
      const marks = Object.fromEntries(line.split(" ").slice(1).map((mark) => mark.split("=")));
      open = { kind: marks.test, expect: marks.expect?.split(",") ?? [], line: index + 1, code: "" };
    }
  });
  return found.filter((example) => example.kind);
}

function has(program) {
  return spawnSync(program, ["--version"], { stdio: "ignore", env: { PATH: path } }).error === undefined;
}

function shell(example) {
  return ["sh", ["-euc", example.code]];
}

/** What a kind needs, and how it is run. Returns a reason to skip, or a command. */
const kinds = {
  "banto-cli": (example) => (binary ? shell(example) : "BANTO_BIN is not set"),
  "buf-grpc": shell,
  "buf-grpcweb": shell,
  grpcurl: (example) => (has("grpcurl") ? shell(example) : "grpcurl is not installed"),
  python: (example) => {
    const python = pythonWithGrpc();
    const file = join(folder, "example.py");
    writeFileSync(file, example.code);
    return python ? [python, [file]] : "python3 with grpcio could not be set up";
  },
  typescript: async (example) => {
    const file = join(folder, "example.mjs");
    await bundle(example.code, file);
    return [join(tools, "node"), [file]];
  },
};

/** A Python of our own with the packages that the page names. */
function pythonWithGrpc() {
  const home = join(root, "target", "clients-venv");
  const python = join(home, "bin", "python");
  const quiet = { stdio: ["ignore", "ignore", "inherit"], timeout: 5 * MINUTE };
  const imports = () => spawnSync(python, ["-c", "import grpc_reflection"], { stdio: "ignore" }).status === 0;
  if (existsSync(python) && imports()) return python;
  if (!has("python3") || spawnSync("python3", ["-m", "venv", home], quiet).status !== 0) return undefined;
  const packages = ["grpcio", "grpcio-reflection", "protobuf"];
  spawnSync(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], quiet);
  return imports() ? python : undefined;
}

/** Bundles an example as if it lay in console-web/src, beside gen/. */
async function bundle(code, file) {
  const { rolldown } = await import(pathToFileURL(join(root, "console-web/node_modules/rolldown/dist/index.mjs")));
  const entry = join(root, "console-web/src/documented-example.ts");
  const bundler = await rolldown({
    input: entry,
    platform: "node",
    plugins: [
      {
        name: "documented-example",
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) => (id === entry ? code : undefined),
      },
    ],
  });
  await bundler.write({ file, format: "esm", codeSplitting: false });
  await bundler.close();
}

/** Starts a server of our own: without a model, in an empty data directory. */
async function start() {
  const environment = {
    PATH: path,
    HOME: folder,
    BANTO_DATA_DIR: join(folder, "data"),
    BANTO_DISCOVERY: "false",
  };
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0"], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((_, refuse) => {
    server.once("error", refuse);
    server.once("exit", (code) => refuse(new Error(`the server ended with ${code} before it was ready`)));
  });
  ended.catch(() => {});
  const line = new Promise((ready) => createInterface(server.stdout).once("line", ready));
  const address = new URL((await Promise.race([line, ended])).match(/https?:\S+/)[0]).origin;
  const token = spawnSync(binary, ["token"], { env: environment, encoding: "utf8" }).stdout.trim();
  return { environment: { ...environment, BANTO_SERVER: address, BANTO_TOKEN: token }, server };
}

async function main() {
  const { BANTO_SERVER, BANTO_TOKEN } = process.env;
  if (!binary && !(BANTO_SERVER && BANTO_TOKEN)) {
    throw new Error("set BANTO_BIN to the server's binary, or BANTO_SERVER and BANTO_TOKEN to a running one");
  }
  const running = BANTO_SERVER && BANTO_TOKEN;
  const { environment, server } = running
    ? { environment: { PATH: path, HOME: folder, BANTO_SERVER, BANTO_TOKEN } }
    : await start();
  let failures = 0;
  try {
    for (const example of examples(readFileSync(join(root, "docs/clients.md"), "utf8"))) {
      const title = `docs/clients.md:${example.line} ${example.kind}`;
      const command = await kinds[example.kind]?.(example);
      if (typeof command !== "object") {
        console.log(`skipped  ${title}: ${command ?? "unknown kind"}`);
        failures += command === undefined ? 1 : 0;
        continue;
      }
      const [program, args] = command;
      const options = { cwd: root, env: environment, encoding: "utf8", timeout: 2 * MINUTE };
      const { status, stdout, stderr } = spawnSync(program, args, options);
      const absent = example.expect.filter((text) => !stdout?.includes(text));
      const passed = status === 0 && absent.length === 0;
      console.log(`${passed ? "passed " : "FAILED "}  ${title}`);
      if (!passed) {
        failures += 1;
        console.log(`exit code ${status}; not in the output: ${absent.join(", ") || "nothing"}\n${stdout}\n${stderr}`);
      }
    }
  } finally {
    server?.removeAllListeners("exit");
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  return failures;
}

process.exitCode = (await main()) === 0 ? 0 : 1;
