import { createClient } from "@connectrpc/connect";
import { type TokenSource, browserTransport } from "../api/clients";
import { Feed as FeedService } from "../gen/banto/v1/feed_pb";
import type { Feed } from "./feed";
import { FeedClient } from "./feed-client";
import workerUrl from "./feed-worker?sharedworker&url";
import { RemoteFeed } from "./remote-feed";

export interface OpenFeed {
  readonly feed: Feed;
  close(): void;
}

/**
 * Opens the feed the best way that this browser has: shared by all tabs where
 * a worker can be shared and can tell that a tab died, otherwise of the tab's
 * own and only while it is seen.
 */
export function openFeed(token: string, tokens: TokenSource): OpenFeed {
  const locks = (navigator as { locks?: LockManager }).locks;
  return typeof SharedWorker === "function" && locks !== undefined
    ? openShared(token, tokens, locks)
    : openOwn(tokens);
}

function openShared(token: string, tokens: TokenSource, locks: LockManager): OpenFeed {
  const worker = new SharedWorker(workerUrl, { type: "module", name: `banto-feed-${__BUILD_ID__}` });
  const lock = `banto-tab-${crypto.randomUUID()}`;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const feed = new RemoteFeed(worker.port, (refused) => tokens.refused(refused));
  void locks.request(lock, () => {
    feed.join(lock, token);
    return held;
  });
  const online = () => feed.retryNow();
  addEventListener("online", online);
  return {
    feed,
    close() {
      removeEventListener("online", online);
      release();
    },
  };
}

function openOwn(tokens: TokenSource): OpenFeed {
  const feed = new FeedClient(createClient(FeedService, browserTransport(tokens, { unary: false })), tokens);
  const follow = () => (document.hidden ? feed.stop() : feed.start());
  const online = () => feed.retryNow();
  document.addEventListener("visibilitychange", follow);
  addEventListener("online", online);
  follow();
  return {
    feed,
    close() {
      document.removeEventListener("visibilitychange", follow);
      removeEventListener("online", online);
      feed.stop();
    },
  };
}
