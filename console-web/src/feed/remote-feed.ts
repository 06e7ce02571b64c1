import type { Connection, Feed, Watcher } from "./feed";
import type { FromTab, Port, ToTab } from "./port-messages";
import { type Subject, type Watched, loading, reduceWatched, subjectName } from "./subjects";

/**
 * A tab's end of the feed that a SharedWorker owns. It adds the updates up by
 * the same function as the worker does, from the same beginning.
 */
export class RemoteFeed implements Feed {
  #connection: Connection = { state: "connecting" };
  readonly #port: Port;
  readonly #listeners = new Set<(connection: Connection) => void>();
  readonly #watched = new Map<string, { watched: Watched; readonly watchers: Set<Watcher> }>();

  constructor(port: Port, onRefused: (token: string) => void) {
    this.#port = port;
    port.onmessage = (event: MessageEvent) => {
      const message = event.data as ToTab;
      if (message.type === "refused") {
        onRefused(message.token);
      } else {
        this.#receive(message);
      }
    };
  }

  /**
   * Joins the stream. The tab must hold the Web Lock `lock` by now: the worker
   * waits for it, and takes the tab for dead when it gets it.
   */
  join(lock: string, token: string): void {
    this.#post({ type: "hello", lock, token });
  }

  get connection(): Connection {
    return this.#connection;
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    this.#post({ type: "retry" });
  }

  watch(subject: Subject, watcher: Watcher): () => void {
    const name = subjectName(subject);
    let entry = this.#watched.get(name);
    if (entry === undefined) {
      entry = { watched: loading, watchers: new Set() };
      this.#watched.set(name, entry);
      this.#post({ type: "watch", subject });
    }
    const { watchers } = entry;
    watchers.add(watcher);
    watcher(entry.watched);
    return () => {
      if (watchers.delete(watcher) && watchers.size === 0) {
        this.#watched.delete(name);
        this.#post({ type: "unwatch", name });
      }
    };
  }

  #receive(message: Exclude<ToTab, { type: "refused" }>): void {
    if (message.type === "connection") {
      this.#connection = message.connection;
      for (const listener of this.#listeners) {
        listener(message.connection);
      }
      return;
    }
    const entry = this.#watched.get(message.name);
    if (entry === undefined) {
      return;
    }
    const update = message.type === "update" ? message.update : undefined;
    entry.watched = message.type === "update" ? reduceWatched(entry.watched, message.update) : message.watched;
    for (const watcher of entry.watchers) {
      watcher(entry.watched, update);
    }
  }

  #post(message: FromTab): void {
    this.#port.postMessage(message);
  }
}
