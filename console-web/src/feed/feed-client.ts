import { create } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code } from "@connectrpc/connect";
import type { TokenSource } from "../api/clients";
import { CallFailure } from "../api/failure";
import type { ConversationView } from "../conversation/conversation-view";
import { type Feed as FeedService, SubjectFailureSchema, type WatchResponse } from "../gen/banto/v1/feed_pb";
import { Backoff } from "./backoff";
import type { Connection, Feed, Watcher } from "./feed";
import {
  type AnyView,
  type Subject,
  type UpdateKind,
  type Watched,
  isConversation,
  isPlan,
  isWorkflow,
  loading,
  reduceWatched,
  subjectName,
  subjectRequest,
} from "./subjects";
import { matchesDigest } from "./text-digest";

/** A first message takes a round trip; longer than this and the way is dead. */
const openTimeoutMs = 15_000;
/** Until the server has said its own. */
const defaultHeartbeatMs = 15_000;
/** How long a subject outlives its last watcher, for the way back to a page. */
const lingerMs = 10_000;
/** Pause before a subject that failed for a passing reason is asked for again. */
const failedSubjectRetryMs = 3_000;
/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE. */
const passingCodes: ReadonlySet<number> = new Set([2, 4, 8, 13, 14]);

interface Entry {
  readonly subject: Subject;
  /** Names the subject on the stream. Undefined: the stream does not have it. */
  id: string | undefined;
  watched: Watched;
  readonly watchers: Set<Watcher>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * One `Feed.Watch` stream that carries every subject that anybody watches.
 * It keeps the views itself, so that a subject has one cursor and a watcher
 * that comes later is told at once what is known.
 */
export class FeedClient implements Feed {
  #connection: Connection = { state: "paused" };
  readonly #client: Client<typeof FeedService>;
  readonly #tokens: TokenSource;
  readonly #backoff: Backoff;
  readonly #entries = new Map<string, Entry>();
  readonly #byId = new Map<string, Entry>();
  readonly #listeners = new Set<(connection: Connection) => void>();
  /** Present while the stream is wanted; aborting it ends that for good. */
  #running: AbortController | undefined;
  #wake: (() => void) | undefined;
  #watchId: string | undefined;
  #lastId = 0;
  #additions = new Set<Entry>();
  #removals: string[] = [];
  #flushing = false;
  /** The server refused the request as malformed: find out which subject it was. */
  #oneByOne = false;

  constructor(client: Client<typeof FeedService>, tokens: TokenSource, backoff = new Backoff()) {
    this.#client = client;
    this.#tokens = tokens;
    this.#backoff = backoff;
  }

  get connection(): Connection {
    return this.#connection;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens the stream and keeps it open until `stop`. */
  start(): void {
    if (this.#running === undefined) {
      this.#running = new AbortController();
      this.#backoff.reset();
      this.#oneByOne = false;
      void this.#run(this.#running.signal);
    }
  }

  /** Closes the stream. The views stay, and the next start resumes them. */
  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#dropStream();
    this.#set({ state: "paused" });
  }

  retryNow(): void {
    this.#backoff.reset();
    this.#wake?.();
    for (const entry of this.#entries.values()) {
      if (entry.watched.phase === "failed") {
        clearTimeout(entry.timer);
        this.#add(entry);
      }
    }
  }

  watch(subject: Subject, watcher: Watcher): () => void {
    const name = subjectName(subject);
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { subject, id: undefined, watched: loading, watchers: new Set(), timer: undefined };
      this.#entries.set(name, entry);
      this.#add(entry);
    } else if (entry.watchers.size === 0) {
      clearTimeout(entry.timer);
      if (entry.watched.phase === "failed") {
        entry.watched = loading;
        this.#add(entry);
      }
    }
    entry.watchers.add(watcher);
    watcher(entry.watched);
    return () => this.#unwatch(name, watcher);
  }

  #unwatch(name: string, watcher: Watcher): void {
    const entry = this.#entries.get(name);
    if (entry?.watchers.delete(watcher) !== true || entry.watchers.size > 0) {
      return;
    }
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      this.#entries.delete(name);
      this.#remove(entry);
    }, lingerMs);
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (this.#connection.state === "paused") {
      this.#set({ state: "connecting" });
    }
    while (!signal.aborted) {
      const token = this.#tokens.token();
      const failure = await this.#stream(signal);
      if (signal.aborted) {
        return;
      }
      this.#dropStream();
      if (failure.unauthenticated) {
        this.stop();
        if (token !== undefined) {
          this.#tokens.refused(token);
        }
        return;
      }
      this.#oneByOne ||= failure.code === Code.InvalidArgument;
      this.#set({ state: "reconnecting", message: failure.message });
      await this.#pause(this.#backoff.next(), signal);
    }
  }

  /** One stream from its opening to its end. */
  async #stream(signal: AbortSignal): Promise<CallFailure> {
    const stream = new AbortController();
    const abort = () => stream.abort();
    signal.addEventListener("abort", abort, { once: true });
    let silence = setTimeout(abort, openTimeoutMs);
    let silenceMs = 2 * defaultHeartbeatMs;
    try {
      this.#removals = [];
      this.#additions = new Set(this.#oneByOne ? this.#entries.values() : []);
      const subjects = this.#oneByOne ? [] : [...this.#entries.values()].map((entry) => this.#request(entry));
      for await (const response of this.#client.watch({ subjects }, { signal: stream.signal })) {
        if (response.kind.case === "started" && response.kind.value.heartbeatInterval) {
          silenceMs = 2 * durationMs(response.kind.value.heartbeatInterval);
        }
        clearTimeout(silence);
        silence = setTimeout(abort, silenceMs);
        this.#receive(response);
      }
      return CallFailure.from(new Error("the server ended the stream"));
    } catch (thrown) {
      return CallFailure.from(thrown);
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", abort);
    }
  }

  #receive({ kind }: WatchResponse): void {
    if (kind.case === "started") {
      this.#watchId = kind.value.watchId;
      this.#backoff.reset();
      this.#set({ state: "live", serverBuild: kind.value.serverBuild });
      this.#flush();
    } else if (kind.case === "update") {
      const entry = this.#byId.get(kind.value.subjectId);
      if (entry !== undefined) {
        this.#apply(entry, kind.value.kind);
      }
    }
  }

  #apply(entry: Entry, update: UpdateKind): void {
    const before = entry.watched;
    entry.watched = reduceWatched(before, update);
    if (entry.watched !== before) {
      for (const watcher of entry.watchers) {
        watcher(entry.watched, update);
      }
    }
    if (entry.watched.phase === "failed") {
      this.#forget(entry);
      if (passingCodes.has(entry.watched.failure.code)) {
        clearTimeout(entry.timer);
        entry.timer = setTimeout(() => this.#add(entry), failedSubjectRetryMs);
      }
    } else if (entry.watched.phase === "ready") {
      this.#mend(entry, entry.watched.view, update);
    }
  }

  /** A view with a log that lacks something is asked for again. */
  #mend(entry: Entry, view: AnyView, update: UpdateKind): void {
    if ((isConversation(view) || isWorkflow(view) || isPlan(view)) && view.broken !== undefined) {
      this.#remove(entry);
      this.#add(entry);
    } else if (isConversation(view)) {
      this.#checkText(entry, view, update);
    }
  }

  /** The end of a turn says what its text must be. */
  #checkText(entry: Entry, view: ConversationView, update: UpdateKind): void {
    const event = update.case === "conversation" && update.value.kind.case === "event" ? update.value.kind.value : undefined;
    if (event?.kind.case !== "turnEnded" || event.sequence !== view.sequence) {
      return;
    }
    const { turn, textSha256 } = event.kind.value;
    const item = view.items.findLast(({ messageId }) => messageId === turn?.assistantMessageId);
    if (item === undefined) {
      return;
    }
    void matchesDigest(item.text, textSha256).then((matches) => {
      const now = entry.watched;
      if (!matches && now.phase === "ready" && isConversation(now.view) && now.view.broken === undefined) {
        // Forget the cursor: a snapshot has the text as the database has it.
        entry.watched = { phase: "ready", view: { ...now.view, broken: "text" } };
        this.#remove(entry);
        this.#add(entry);
      }
    });
  }

  #request(entry: Entry) {
    this.#forget(entry);
    this.#lastId += 1;
    entry.id = `s${this.#lastId}`;
    this.#byId.set(entry.id, entry);
    return subjectRequest(entry.subject, entry.id, entry.watched);
  }

  #add(entry: Entry): void {
    this.#additions.add(entry);
    queueMicrotask(() => this.#flush());
  }

  #remove(entry: Entry): void {
    this.#additions.delete(entry);
    if (entry.id !== undefined) {
      this.#removals.push(entry.id);
      this.#forget(entry);
      queueMicrotask(() => this.#flush());
    }
  }

  #forget(entry: Entry): void {
    if (entry.id !== undefined) {
      this.#byId.delete(entry.id);
      entry.id = undefined;
    }
  }

  /** Tells the server which subjects came and went, one call at a time. */
  #flush(): void {
    const watchId = this.#watchId;
    if (watchId === undefined || this.#flushing || (this.#additions.size === 0 && this.#removals.length === 0)) {
      return;
    }
    const removeSubjectIds = this.#removals;
    const added = [...this.#additions].slice(0, this.#oneByOne ? 1 : undefined);
    const add = added.map((entry) => this.#request(entry));
    this.#removals = [];
    for (const entry of added) {
      this.#additions.delete(entry);
    }
    this.#flushing = true;
    this.#client
      .updateWatch({ watchId, add, removeSubjectIds }, { timeoutMs: openTimeoutMs })
      .then(
        () => undefined,
        (thrown: unknown) => {
          const failure = CallFailure.from(thrown);
          if (failure.code === Code.InvalidArgument) {
            this.#refuse(added, failure);
          } else if (this.#watchId === watchId) {
            // The stream is gone, or as good as gone: a new one has everything.
            this.#restart();
          }
        },
      )
      .finally(() => {
        this.#flushing = false;
        this.#flush();
      });
  }

  /** One malformed subject must not take the others with it. */
  #refuse(added: readonly Entry[], { code, reason, message }: CallFailure): void {
    const [only] = added;
    if (only !== undefined && added.length === 1) {
      this.#apply(only, { case: "failed", value: create(SubjectFailureSchema, { code, reason, message }) });
      return;
    }
    this.#oneByOne = true;
    for (const entry of added) {
      this.#forget(entry);
      this.#add(entry);
    }
  }

  #restart(): void {
    if (this.#running !== undefined) {
      this.#running.abort();
      this.#dropStream();
      this.#running = new AbortController();
      const { signal } = this.#running;
      this.#set({ state: "reconnecting", message: "" });
      void this.#pause(this.#backoff.next(), signal).then(() => this.#run(signal));
    }
  }

  #dropStream(): void {
    this.#watchId = undefined;
    this.#byId.clear();
    for (const entry of this.#entries.values()) {
      entry.id = undefined;
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const wake = done;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done, { once: true });
      this.#wake = wake;
    });
  }

  #set(connection: Connection): void {
    this.#connection = connection;
    for (const listener of this.#listeners) {
      listener(connection);
    }
  }
}
