import type { TokenSource } from "../api/clients";
import { loadPart } from "../shell/upgrade";
import type { Feed } from "./feed";
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
export async function openFeed(token: string, tokens: TokenSource): Promise<OpenFeed> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (typeof SharedWorker === "function" && locks !== undefined) {
    return openShared(token, tokens, locks);
  }
  // The client of the stream weighs as much as a page; elsewhere the worker has it.
  const { openOwn } = await loadPart(() => import("./own-feed"));
  return openOwn(tokens);
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
