import type { DescService } from "@bufbuild/protobuf";
import { type Client, type Interceptor, type Transport, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import type { AuditLog } from "../gen/banto/v1/audit_log_pb";
import { CompanionConversation } from "../gen/banto/v1/companion_conversation_pb";
import type { Jobs } from "../gen/banto/v1/jobs_pb";
import type { Plans } from "../gen/banto/v1/plans_pb";
import type { Settings } from "../gen/banto/v1/settings_pb";
import type { Tasks } from "../gen/banto/v1/tasks_pb";
import type { Worker } from "../gen/banto/v1/worker_pb";
import type { Workflows } from "../gen/banto/v1/workflows_pb";
import type { Workspaces } from "../gen/banto/v1/workspaces_pb";
import { CallFailure } from "./failure";
import { lateClient } from "./late-client";

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
  readonly workspaces: Client<typeof Workspaces>;
  readonly tasks: Client<typeof Tasks>;
  readonly workflows: Client<typeof Workflows>;
  readonly plans: Client<typeof Plans>;
  readonly auditLog: Client<typeof AuditLog>;
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

/** The description of a service is loaded with its first call; the first page talks to one. */
export function createClients(transport: Transport): Clients {
  const late = <S extends DescService>(load: () => Promise<S>) => lateClient(load, transport);
  return {
    conversations: createClient(CompanionConversation, transport),
    workers: late(async () => (await import("../gen/banto/v1/worker_pb")).Worker),
    jobs: late(async () => (await import("../gen/banto/v1/jobs_pb")).Jobs),
    settings: late(async () => (await import("../gen/banto/v1/settings_pb")).Settings),
    workspaces: late(async () => (await import("../gen/banto/v1/workspaces_pb")).Workspaces),
    tasks: late(async () => (await import("../gen/banto/v1/tasks_pb")).Tasks),
    workflows: late(async () => (await import("../gen/banto/v1/workflows_pb")).Workflows),
    plans: late(async () => (await import("../gen/banto/v1/plans_pb")).Plans),
    auditLog: late(async () => (await import("../gen/banto/v1/audit_log_pb")).AuditLog),
  };
}
