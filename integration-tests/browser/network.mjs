// Which requests a browser makes. Pages are asked while they live; the log that
// the browser itself writes also has what workers and the network stack do.

import { existsSync, readFileSync } from "node:fs";

/** Every page comes with this: what a model writes can load nothing and reach nobody. */
const policy = {
  "default-src": "'none'",
  "script-src": "'self'",
  "connect-src": "'self'",
  "worker-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
};

export class Network {
  #origins;
  #file;

  constructor(origins, file) {
    this.#origins = new Set(origins.map((url) => new URL(url).origin));
    this.#file = file;
  }

  get flags() {
    return [`--log-net-log=${this.#file}`];
  }

  /** Allows another origin, one that the scenario itself serves the console at. */
  ours(url) {
    this.#origins.add(new URL(url).origin);
  }

  isOurs(address) {
    const { protocol, origin } = new URL(address);
    return ["data:", "blob:", "about:", "chrome:"].includes(protocol) || this.#origins.has(origin);
  }

  /** Tells of every request to somewhere else, and of pages without their policy. */
  follow(context, fault) {
    context.on("request", (request) => {
      if (!this.isOurs(request.url())) {
        fault(`a request left the origin: ${request.method()} ${request.url()}`);
      }
    });
    context.on("response", (response) => {
      if (response.request().resourceType() === "document" && response.ok()) {
        const given = parsePolicy(response.headers()["content-security-policy"] ?? "");
        for (const [name, value] of Object.entries(policy)) {
          if (given.get(name) !== value) {
            fault(`${response.url()} came with ${name} ${given.get(name)}, not ${value}`);
          }
        }
      }
    });
  }

  /** The same from the browser's own log, once it has ended. */
  review(fault) {
    const logged = [...this.#logged()];
    for (const address of logged) {
      if (!this.isOurs(address)) {
        fault(`the browser's log has a request that left the origin: ${address}`);
      }
    }
    if (!logged.some((address) => this.#origins.has(new URL(address).origin))) {
      fault("the browser's log has no request at all: it was not read rightly");
    }
  }

  /** What pages and workers asked for; the browser's own calls have no origin behind them. */
  *#logged() {
    if (!existsSync(this.#file)) {
      return;
    }
    // An event a line; of a browser that was cut off, the last one is not whole.
    const lines = readFileSync(this.#file, "utf8").split("\n");
    const type = JSON.parse(`{${/"URL_REQUEST_START_JOB":\d+/.exec(lines[0])[0]}}`).URL_REQUEST_START_JOB;
    for (const line of lines) {
      if (line.startsWith("{") && line.includes(`"type":${type}}`)) {
        const { url, initiator, request_type: kind } = JSON.parse(line.replace(/,$/, "")).params ?? {};
        if (url !== undefined && (initiator !== "not an origin" || kind.endsWith("frame"))) {
          yield url;
        }
      }
    }
  }
}

function parsePolicy(header) {
  const directives = header.split(";").map((directive) => directive.trim().split(/\s+/));
  return new Map(directives.map(([name, ...values]) => [name, values.join(" ")]));
}
