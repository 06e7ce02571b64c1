import { afterEach, describe, expect, it, vi } from "vitest";
import { Backoff } from "./backoff";
import { FeedClient } from "./feed-client";
import { FeedHost, HostTokens } from "./feed-host";
import { RemoteFeed } from "./remote-feed";
import { scriptedFeed } from "../testing/scripted-feed";
import type { Watched } from "./subjects";

const ports: MessagePort[] = [];

function setUp() {
  const server = scriptedFeed();
  const tokens = new HostTokens();
  const client = new FeedClient(server.client, tokens, new Backoff(() => 0));
  const releases = new Map<string, () => void>();
  const host = new FeedHost(client, tokens, (lock) => new Promise((resolve) => releases.set(lock, resolve)));
  const openTab = (lock: string) => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    host.connect(port1);
    const tab = new RemoteFeed(port2, () => undefined);
    tab.join(lock, "secret");
    return tab;
  };
  return { ...server, releases, openTab };
}

afterEach(() => {
  for (const port of ports.splice(0)) {
    port.close();
  }
});

const conversation = { kind: "conversation", conversationId: "c1" } as const;

const update = (value: object) =>
  ({ kind: { case: "update", value: { subjectId: "s1", kind: { case: "conversation", value: { kind: value as never } } } } }) as const;

describe("tabs that share a feed", () => {
  it("use one stream and see the same view, also the one that comes later", async () => {
    const { openTab, streams } = setUp();
    const seen: Watched[][] = [[], []];
    const tab1 = openTab("lock-1");
    tab1.watch(conversation, (watched) => seen[0]?.push(watched));
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    streams[0]?.started();
    await vi.waitFor(() => expect(tab1.connection.state).toBe("live"));
    await vi.waitFor(() => expect(seen[0]).toHaveLength(2));
    streams[0]?.send(
      update({ case: "snapshot", value: { epoch: "e", headSequence: 1n, conversation: { conversationId: "c1" } } }),
    );
    await vi.waitFor(() => expect(seen[0]?.at(-1)).toMatchObject({ phase: "ready", view: { sequence: 1n } }));
    const tab2 = openTab("lock-2");
    tab2.watch(conversation, (watched) => seen[1]?.push(watched));
    await vi.waitFor(() => expect(seen[1]?.at(-1)).toMatchObject({ phase: "ready", view: { sequence: 1n } }));
    streams[0]?.send(
      update({ case: "event", value: { sequence: 2n, kind: { case: "messageAdded", value: { item: { messageId: "m", text: "番" } } } } }),
    );
    for (const tab of seen) {
      await vi.waitFor(() => expect(tab.at(-1)).toMatchObject({ view: { sequence: 2n, items: [{ text: "番" }] } }));
    }
    expect(streams).toHaveLength(1);
  });

  it("close the stream when the last of them is gone", async () => {
    const { openTab, streams, releases } = setUp();
    openTab("lock-1");
    openTab("lock-2");
    await vi.waitFor(() => expect(releases.size).toBe(2));
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    releases.get("lock-1")?.();
    streams[0]?.started();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(streams[0]?.closed).toBe(false);
    releases.get("lock-2")?.();
    await vi.waitFor(() => expect(streams[0]?.closed).toBe(true));
  });
});
