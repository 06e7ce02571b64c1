import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { Backoff } from "./backoff";
import type { Connection } from "./feed";
import { FeedClient } from "./feed-client";
import { type ScriptedStream, scriptedFeed } from "../testing/scripted-feed";
import type { Watched } from "./subjects";

const tokens = { token: () => "secret", refused: vi.fn<(token: string) => void>() };

function setUp(refuse?: Parameters<typeof scriptedFeed>[0]) {
  const server = scriptedFeed(refuse);
  const feed = new FeedClient(server.client, tokens, new Backoff(() => 0));
  const states: Connection["state"][] = [];
  feed.onConnection((connection) => states.push(connection.state));
  return { ...server, feed, states };
}

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

const conversation = (conversationId: string) => ({ kind: "conversation", conversationId }) as const;

function sendSnapshot(stream: ScriptedStream, subjectId: string, headSequence: bigint, resumed = false): void {
  stream.send({
    kind: {
      case: "update",
      value: {
        subjectId,
        kind: {
          case: "conversation",
          value: {
            kind: {
              case: "snapshot",
              value: { epoch: "e1", headSequence, resumed, conversation: { conversationId: "c1" } },
            },
          },
        },
      },
    },
  });
}

function sendMessage(stream: ScriptedStream, subjectId: string, sequence: bigint): void {
  stream.send({
    kind: {
      case: "update",
      value: {
        subjectId,
        kind: {
          case: "conversation",
          value: {
            kind: {
              case: "event",
              value: {
                sequence,
                kind: {
                  case: "messageAdded",
                  value: { item: { messageId: `m${sequence}`, sequence, state: RunState.COMPLETED } },
                },
              },
            },
          },
        },
      },
    },
  });
}

const first = <T>(list: readonly T[], index = 0): T => {
  const value = list[index];
  if (value === undefined) {
    throw new Error(`nothing at ${index}`);
  }
  return value;
};

beforeEach(() => {
  vi.useFakeTimers();
  tokens.refused.mockClear();
});
afterEach(() => vi.useRealTimers());

describe("FeedClient", () => {
  it("opens one stream with what is watched and tells where it stands", async () => {
    const { feed, streams, states } = setUp();
    const seen: Watched[] = [];
    feed.watch({ kind: "jobs" }, (watched) => seen.push(watched));
    feed.start();
    await tick();
    expect(first(streams).request.subjects).toMatchObject([{ subjectId: "s1", subject: { case: "jobs" } }]);
    first(streams).started();
    first(streams).send({
      kind: {
        case: "update",
        value: { subjectId: "s1", kind: { case: "jobs", value: { kind: { case: "snapshot", value: { jobs: [{ jobId: "j" }] } } } } },
      },
    });
    await tick();
    expect(states).toEqual(["connecting", "live"]);
    expect(seen).toMatchObject([{ phase: "loading" }, { phase: "ready", view: [{ jobId: "j" }] }]);
  });

  it("adds and removes subjects of the open stream, in one call", async () => {
    const { feed, streams, updates } = setUp();
    feed.start();
    await tick();
    first(streams).started();
    await tick();
    const leave = feed.watch({ kind: "jobs" }, () => undefined);
    feed.watch({ kind: "workers" }, () => undefined);
    await tick();
    expect(updates).toMatchObject([{ watchId: "w1", add: [{ subjectId: "s1" }, { subjectId: "s2" }] }]);
    leave();
    await tick(9_000);
    expect(updates).toHaveLength(1);
    await tick(2_000);
    expect(updates[1]).toMatchObject({ removeSubjectIds: ["s1"], add: [] });
    expect(streams).toHaveLength(1);
  });

  it("tells a later watcher at once what is known", async () => {
    const { feed, streams } = setUp();
    feed.watch(conversation("c1"), () => undefined);
    feed.start();
    await tick();
    first(streams).started();
    sendSnapshot(first(streams), "s1", 4n);
    await tick();
    const seen: Watched[] = [];
    feed.watch(conversation("c1"), (watched) => seen.push(watched));
    expect(seen).toMatchObject([{ phase: "ready", view: { sequence: 4n } }]);
  });

  it("resumes each conversation by its cursor after the stream broke", async () => {
    const { feed, streams, states } = setUp();
    feed.watch(conversation("c1"), () => undefined);
    feed.start();
    await tick();
    first(streams).started();
    sendSnapshot(first(streams), "s1", 4n);
    sendMessage(first(streams), "s1", 5n);
    await tick();
    first(streams).end(new ConnectError("shutting down", Code.Unavailable));
    await tick();
    expect(states.at(-1)).toBe("reconnecting");
    await tick(200);
    expect(first(streams, 1).request.subjects).toMatchObject([
      { subject: { case: "conversation", value: { conversationId: "c1", afterSequence: 5n, epoch: "e1" } } },
    ]);
  });

  it("takes two heartbeats of silence for a dead connection", async () => {
    const { feed, streams } = setUp();
    feed.start();
    await tick();
    first(streams).started();
    await tick(29_000);
    first(streams).send({ kind: { case: "heartbeat", value: {} } });
    await tick(29_000);
    expect(streams).toHaveLength(1);
    await tick(1_500);
    expect(streams).toHaveLength(2);
    expect(first(streams).closed).toBe(true);
  });

  it("asks again for a conversation whose events have a gap", async () => {
    const { feed, streams, updates } = setUp();
    feed.watch(conversation("c1"), () => undefined);
    feed.start();
    await tick();
    first(streams).started();
    sendSnapshot(first(streams), "s1", 4n);
    sendMessage(first(streams), "s1", 7n);
    await tick();
    expect(updates).toMatchObject([
      { removeSubjectIds: ["s1"], add: [{ subjectId: "s2", subject: { value: { afterSequence: 4n } } }] },
    ]);
    // Late words about the former subject change nothing.
    sendMessage(first(streams), "s1", 8n);
    sendSnapshot(first(streams), "s2", 5n, true);
    sendMessage(first(streams), "s2", 5n);
    const seen: Watched[] = [];
    await tick();
    feed.watch(conversation("c1"), (watched) => seen.push(watched));
    expect(seen).toMatchObject([{ view: { sequence: 5n, broken: undefined } }]);
  });

  it("takes a reply anew whose text has another digest", async () => {
    const { feed, streams, updates } = setUp();
    feed.watch(conversation("c1"), () => undefined);
    feed.start();
    await tick();
    const stream = first(streams);
    stream.started();
    sendSnapshot(stream, "s1", 0n);
    const event = (sequence: bigint, kind: object) =>
      stream.send({
        kind: {
          case: "update",
          value: {
            subjectId: "s1",
            kind: { case: "conversation", value: { kind: { case: "event", value: { sequence, kind: kind as never } } } },
          },
        },
      });
    const turn = { turnId: "t1", assistantMessageId: "r1" };
    event(1n, { case: "turnStarted", value: { turn, reply: { messageId: "r1", text: "abc", state: RunState.RUNNING } } });
    event(2n, { case: "turnEnded", value: { turn, textLength: 3n, textSha256: "0".repeat(64) } });
    await vi.waitFor(() => expect(updates).toHaveLength(1));
    expect(updates).toMatchObject([{ add: [{ subject: { value: { afterSequence: 0n, epoch: "" } } }] }]);
  });

  it("reports a token that was refused and does not try again", async () => {
    const { feed, streams, states } = setUp();
    feed.start();
    await tick();
    first(streams).end(new ConnectError("no", Code.Unauthenticated));
    await tick(60_000);
    expect(tokens.refused).toHaveBeenCalledExactlyOnceWith("secret");
    expect(streams).toHaveLength(1);
    expect(states.at(-1)).toBe("paused");
  });

  it("says why a subject cannot be watched, and keeps the stream", async () => {
    const { feed, streams } = setUp();
    const seen: Watched[] = [];
    feed.watch(conversation("c9"), (watched) => seen.push(watched));
    feed.start();
    await tick();
    first(streams).started();
    first(streams).send({
      kind: {
        case: "update",
        value: {
          subjectId: "s1",
          kind: { case: "failed", value: { code: 5, reason: "CONVERSATION_NOT_FOUND", message: "no such conversation" } },
        },
      },
    });
    await tick(60_000);
    expect(seen.at(-1)).toMatchObject({ phase: "failed", failure: { reason: "CONVERSATION_NOT_FOUND" } });
  });

  it("lets a malformed subject fail alone", async () => {
    const malformed = new ConnectError("not an id", Code.InvalidArgument);
    const names = (subjects: readonly { subject: { case?: string | undefined } }[]) => subjects.map(({ subject }) => subject.case);
    const { feed, streams, updates } = setUp((request) =>
      names(request.$typeName === "banto.v1.WatchRequest" ? request.subjects : request.add).includes("conversation")
        ? malformed
        : undefined,
    );
    const seen: Watched[] = [];
    feed.watch({ kind: "jobs" }, () => undefined);
    feed.watch(conversation("nonsense"), (watched) => seen.push(watched));
    feed.start();
    await tick(500);
    expect(streams.map(({ request }) => names(request.subjects))).toEqual([["jobs", "conversation"], []]);
    first(streams, 1).started();
    await tick();
    expect(updates.map(({ add }) => names(add))).toEqual([["jobs"], ["conversation"]]);
    expect(seen.at(-1)).toMatchObject({ phase: "failed", failure: { message: "not an id" } });
    await tick(10_000);
    expect(streams).toHaveLength(2);
  });

  it("keeps its views while stopped", async () => {
    const { feed, streams } = setUp();
    feed.watch(conversation("c1"), () => undefined);
    feed.start();
    await tick();
    first(streams).started();
    sendSnapshot(first(streams), "s1", 4n);
    await tick();
    feed.stop();
    await tick();
    expect(first(streams).closed).toBe(true);
    feed.start();
    await tick();
    expect(first(streams, 1).request.subjects).toMatchObject([{ subject: { value: { afterSequence: 4n } } }]);
  });

  it("asks for a plan from its cursor after a gap, and anew where its text has a hole", async () => {
    const { feed, streams, updates } = setUp();
    const seen: Watched[] = [];
    feed.watch({ kind: "plan", planId: "p1" }, (watched) => seen.push(watched));
    feed.start();
    await tick();
    first(streams).started();
    const send = (subjectId: string, kind: object) =>
      first(streams).send({ kind: { case: "update", value: { subjectId, kind: { case: "plan", value: { kind: kind as never } } } } });
    const revision = { revisionId: "r1", number: 1n, state: RunState.RUNNING };
    send("s1", { case: "snapshot", value: { plan: { planId: "p1", epoch: "e1", headSequence: 4n }, activeRevision: revision, activeText: "ab" } });
    send("s1", { case: "event", value: { sequence: 7n, kind: { case: "changed", value: {} } } });
    await tick();
    expect(updates.at(-1)).toMatchObject({ add: [{ subjectId: "s2", subject: { case: "plan", value: { planId: "p1", afterSequence: 4n, epoch: "e1" } } }], removeSubjectIds: ["s1"] });
    send("s2", { case: "snapshot", value: { plan: { planId: "p1", epoch: "e1", headSequence: 7n }, resumed: true } });
    send("s2", { case: "delta", value: { blockId: "r1", offset: 9n, text: "x" } });
    await tick();
    expect(updates.at(-1)).toMatchObject({ add: [{ subjectId: "s3", subject: { value: { planId: "p1", afterSequence: 0n, epoch: "" } } }], removeSubjectIds: ["s2"] });
    send("s3", { case: "snapshot", value: { plan: { planId: "p1", epoch: "e1", headSequence: 7n }, activeRevision: revision, activeText: "abcdefghi" } });
    await tick();
    expect(seen.at(-1)).toMatchObject({ phase: "ready", view: { broken: undefined, written: { text: "abcdefghi" } } });
  });
});
