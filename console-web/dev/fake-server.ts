/**
 * A server of invented data, for looking at the console without the real one:
 * `npm run fake`. It speaks gRPC-Web, sends the same content-security-policy,
 * and plays scenes by the words of a message: `fail`, `retry`, `guide`, `stop`.
 * Any token is good but `bad`. A task with `slow`, `fail` or `model` in its words
 * plays the finder that way; a description with `conflict` meets another person.
 */
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { fakeRoutes } from "./fake-services";

const port = Number(process.env["PORT"] ?? 7399);
const rpc = connectNodeAdapter({ routes: fakeRoutes });

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'";

async function serveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
  const file = extname(path) === "" ? "index.html" : path;
  try {
    const body = await readFile(join("dist", file));
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

createServer((request, response) => {
  if (request.url?.startsWith("/banto.v1.") === true) {
    rpc(request, response);
  } else {
    void serveFile(request, response);
  }
}).listen(port, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${port}/#launch=fake\n`);
});
