/// <reference lib="webworker" />
import { createClient } from "@connectrpc/connect";
import { browserTransport } from "../api/clients";
import { Feed } from "../gen/banto/v1/feed_pb";
import { FeedClient } from "./feed-client";
import { FeedHost, HostTokens } from "./feed-host";

// The SharedWorker: one stream for all tabs of one build.
const tokens = new HostTokens();
const client = new FeedClient(createClient(Feed, browserTransport(tokens, { unary: false })), tokens);
const host = new FeedHost(client, tokens, (lock) => navigator.locks.request(lock, () => undefined));

addEventListener("connect", (event) => {
  for (const port of (event as MessageEvent).ports) {
    host.connect(port);
  }
});
addEventListener("online", () => client.retryNow());
