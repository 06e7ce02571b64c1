import { type Client, type Interceptor, type Transport, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { CompanionConversation } from "../gen/banto/v1/companion_conversation_pb";
import { Jobs } from "../gen/banto/v1/jobs_pb";
import { Settings } from "../gen/banto/v1/settings_pb";
import { Worker } from "../gen/banto/v1/worker_pb";
import { CallFailure } from "./failure";

/** Where calls take the token from, and where they report one that was refused. */
export interface TokenSource {
  token(): string | undefined;
  refused(token: string): void;
}

/** Clients of the unary calls; streams belong to the feed. */
export interface Clients {
  readonly conversations: Client<typeof CompanionConversation>;
  readonly workers: Client<typeof Worker>;
  readonly jobs: Client<typeof Jobs>;
  readonly settings: Client<typeof Settings>;
}

/** A unary call takes milliseconds; one that takes longer than this is lost. */
const unaryTimeoutMs = 30_000;

/** Sends the token with each call, and reports a token that was refused. */
export function authenticated(tokens: TokenSource): Interceptor {
  return (next) => async (request) => {
    const token = tokens.token();
    const own = token !== undefined && !request.header.has("authorization");
    if (own) {
      request.header.set("authorization", `Bearer ${token}`);
    }
    try {
      return await next(request);
    } catch (thrown) {
      if (own && CallFailure.from(thrown).unauthenticated) {
        tokens.refused(token);
      }
      throw thrown;
    }
  };
}

let leaving = false;
addEventListener("pagehide", () => (leaving = true), { capture: true });
addEventListener("pageshow", () => (leaving = false), { capture: true });

/** A call that is made while the page goes away has to outlive it. */
const outlivingFetch: typeof fetch = (input, init) => fetch(input, leaving ? { ...init, keepalive: true } : init);

export function browserTransport(tokens: TokenSource, options: { unary: boolean }): Transport {
  return createGrpcWebTransport({
    baseUrl: globalThis.location.origin,
    useBinaryFormat: true,
    interceptors: [authenticated(tokens)],
    ...(options.unary ? { defaultTimeoutMs: unaryTimeoutMs, fetch: outlivingFetch } : {}),
  });
}

export function createClients(transport: Transport): Clients {
  return {
    conversations: createClient(CompanionConversation, transport),
    workers: createClient(Worker, transport),
    jobs: createClient(Jobs, transport),
    settings: createClient(Settings, transport),
  };
}
