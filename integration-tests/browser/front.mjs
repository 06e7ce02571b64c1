// A reverse proxy before the real server. It counts calls, it can be cut like a
// network, and it can serve the files of another build of the console.

import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join } from "node:path";

const types = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

export async function openFront(target) {
  const { host, origin } = new URL(target);
  const sockets = new Set();
  const calls = new Map();
  const open = new Map();
  let folder;
  let headers = {};

  const count = (counts, path, by) => counts.set(path, (counts.get(path) ?? 0) + by);

  const forward = (incoming, outgoing) => {
    const path = new URL(incoming.url, origin).pathname;
    count(calls, path, 1);
    count(open, path, 1);
    outgoing.on("close", () => count(open, path, -1));
    // The server answers only to its own name.
    const named = { ...incoming.headers, host, ...(incoming.headers.origin && { origin }) };
    const call = request(origin + incoming.url, { method: incoming.method, headers: named }, (answer) => {
      headers = path === "/" ? answer.headers : headers;
      outgoing.writeHead(answer.statusCode, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    call.on("error", () => outgoing.destroy());
    outgoing.on("close", () => call.destroy());
    incoming.pipe(call);
  };

  const serve = (incoming, outgoing) => {
    const path = join(folder, new URL(incoming.url, origin).pathname);
    const file = existsSync(path) && statSync(path).isFile() ? path : join(folder, "index.html");
    const policy = headers["content-security-policy"];
    outgoing.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "cache-control": "no-cache",
      ...(policy && { "content-security-policy": policy }),
    });
    outgoing.end(readFileSync(file));
  };

  const server = createServer((incoming, outgoing) => {
    const isFile = incoming.method === "GET" && folder !== undefined;
    (isFile ? serve : forward)(incoming, outgoing);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const listen = async (port) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  const { port } = server.address();

  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    sockets.forEach((socket) => socket.destroy());
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    /** How often a path was called. */
    calls: (path) => calls.get(path) ?? 0,
    /** How many calls of a path are under way. */
    open: (path) => open.get(path) ?? 0,
    /** Serves the console from this folder from now on. */
    serveFrom: (path) => {
      folder = path;
    },
    cut,
    mend: () => listen(port),
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}
