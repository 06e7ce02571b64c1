import type { FeedClient } from "./feed-client";
import type { FromTab, Port, ToTab } from "./port-messages";
import { subjectName } from "./subjects";

/** Waits until the holder of a Web Lock is gone. */
export type AwaitRelease = (lock: string) => Promise<void>;

/** The token of the tabs; the one that came last is the one in use. */
export class HostTokens {
  #token: string | undefined;
  readonly #onRefused: Set<(token: string) => void> = new Set();

  token(): string | undefined {
    return this.#token;
  }

  use(token: string): void {
    this.#token = token;
  }

  refused(token: string): void {
    for (const listener of this.#onRefused) {
      listener(token);
    }
  }

  onRefused(listener: (token: string) => void): () => void {
    this.#onRefused.add(listener);
    return () => this.#onRefused.delete(listener);
  }
}

/**
 * Lets one FeedClient serve many tabs. Runs in the SharedWorker; knows nothing
 * of it but ports, so that a test can use a MessageChannel.
 */
export class FeedHost {
  readonly #client: FeedClient;
  readonly #tokens: HostTokens;
  readonly #awaitRelease: AwaitRelease;
  readonly #tabs = new Set<Port>();

  constructor(client: FeedClient, tokens: HostTokens, awaitRelease: AwaitRelease) {
    this.#client = client;
    this.#tokens = tokens;
    this.#awaitRelease = awaitRelease;
  }

  connect(port: Port): void {
    const watches = new Map<string, () => void>();
    const post = (message: ToTab) => port.postMessage(message);
    const leave: (() => void)[] = [];

    const hello = (message: FromTab & { type: "hello" }) => {
      this.#tabs.add(port);
      leave.push(
        this.#client.onConnection((connection) => post({ type: "connection", connection })),
        this.#tokens.onRefused((token) => post({ type: "refused", token })),
      );
      void this.#awaitRelease(message.lock).then(() => {
        for (const end of [...watches.values(), ...leave]) {
          end();
        }
        this.#tabs.delete(port);
        if (this.#tabs.size === 0) {
          this.#client.stop();
        }
      });
      if (message.token !== this.#tokens.token()) {
        this.#client.stop();
        this.#tokens.use(message.token);
      }
      this.#client.start();
      post({ type: "connection", connection: this.#client.connection });
    };

    port.onmessage = (event: MessageEvent) => {
      const message = event.data as FromTab;
      switch (message.type) {
        case "hello":
          hello(message);
          break;
        case "watch": {
          const name = subjectName(message.subject);
          watches.get(name)?.();
          watches.set(
            name,
            this.#client.watch(message.subject, (watched, update) =>
              post(update === undefined ? { type: "watched", name, watched } : { type: "update", name, update }),
            ),
          );
          break;
        }
        case "unwatch":
          watches.get(message.name)?.();
          watches.delete(message.name);
          break;
        case "retry":
          this.#client.retryNow();
          break;
      }
    };
  }
}
