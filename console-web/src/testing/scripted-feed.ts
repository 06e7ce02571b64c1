import { type MessageInitShape } from "@bufbuild/protobuf";
import { createClient, createRouterTransport, type ConnectError } from "@connectrpc/connect";
import {
  Feed,
  type UpdateWatchRequest,
  type WatchRequest,
  type WatchResponseSchema,
} from "../gen/banto/v1/feed_pb";

type Response = MessageInitShape<typeof WatchResponseSchema>;

/** One `Feed.Watch` that a test holds in its hand. */
export class ScriptedStream {
  readonly request: WatchRequest;
  closed = false;
  readonly #queue: (Response | "end" | ConnectError)[] = [];
  #wake: () => void = () => undefined;

  constructor(request: WatchRequest) {
    this.request = request;
  }

  send(response: Response): void {
    this.#queue.push(response);
    this.#wake();
  }

  started(serverBuild = "b1", watchId = "w1"): void {
    this.send({
      kind: { case: "started", value: { watchId, serverBuild, heartbeatInterval: { seconds: 15n } } },
    });
  }

  end(error?: ConnectError): void {
    this.#queue.push(error ?? "end");
    this.#wake();
  }

  async *responses(signal: AbortSignal): AsyncGenerator<Response> {
    signal.addEventListener("abort", () => {
      this.closed = true;
      this.#wake();
    });
    while (!this.closed) {
      const next = this.#queue.shift();
      if (next === "end") {
        return;
      }
      if (next instanceof Error) {
        throw next;
      }
      if (next) {
        yield next;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** A Feed service for tests: records what it is asked, says what it is told. */
export function scriptedFeed() {
  const streams: ScriptedStream[] = [];
  const updates: UpdateWatchRequest[] = [];
  const transport = createRouterTransport((router) => {
    router.service(Feed, {
      async *watch(request, context) {
        const stream = new ScriptedStream(request);
        streams.push(stream);
        yield* stream.responses(context.signal);
      },
      updateWatch(request) {
        updates.push(request);
        return {};
      },
    });
  });
  return { client: createClient(Feed, transport), streams, updates };
}
