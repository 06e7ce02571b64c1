import { createClient } from "@connectrpc/connect";
import { type TokenSource, browserTransport } from "../api/clients";
import { Feed as FeedService } from "../gen/banto/v1/feed_pb";
import { FeedClient } from "./feed-client";
import type { OpenFeed } from "./open-feed";

/** A stream of the tab's own, closed while nobody sees the tab. */
export function openOwn(tokens: TokenSource): OpenFeed {
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
