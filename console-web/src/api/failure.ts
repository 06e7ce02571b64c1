import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";

/**
 * Every reason of `google.rpc.ErrorInfo` that the console treats in its own
 * way. Others are kept as they are and shown with the server's sentence.
 */
export const knownReasons = [
  "COMPANION_UNAVAILABLE",
  "TURN_IN_PROGRESS",
  "INVALID_INPUT",
  "VERSION_CONFLICT",
  "UNAUTHENTICATED",
  "SCOPE_DENIED",
  "ORIGIN_DENIED",
  "LIMIT_EXCEEDED",
  "STORAGE_FULL",
  "STORAGE_UNAVAILABLE",
  "PROVIDER_UNAVAILABLE",
  "WATCH_NOT_FOUND",
  "RUNTIME_NOT_FOUND",
  "WORKER_NOT_FOUND",
  "WORKSPACE_NOT_FOUND",
  "CONVERSATION_NOT_FOUND",
  "MESSAGE_NOT_FOUND",
  "TURN_NOT_FOUND",
  "JOB_NOT_FOUND",
  "TASK_NOT_FOUND",
  "WORKFLOW_NOT_FOUND",
  "FILE_NOT_FOUND",
  "MODEL_REQUIRED",
  "CONSENT_REQUIRED",
  "WORKSPACE_EMPTY",
  "WORKSPACE_IN_USE",
  "WORKFLOW_IN_PROGRESS",
  "STAGE_NOT_REACHED",
  "NOTHING_TO_REVERT",
  "PATH_OUTSIDE_WORKSPACE",
  "PLAN_NOT_FOUND",
  "PLAN_BUSY",
  "PLAN_NOT_SOUND",
  "NO_FILES",
] as const;

export type KnownReason = (typeof knownReasons)[number];

/** A field of the request that the server refused. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/**
 * Why a call came to nothing: the one error type of the console. `reason` is
 * the server's stable word; it is empty when the answer came from no Banto at
 * all (the network, a proxy).
 */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  readonly code: Code;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(fields: {
    code: Code;
    message: string;
    reason?: string;
    metadata?: Readonly<Record<string, string>>;
    violations?: readonly FieldViolation[];
    retryAfterMs?: number | undefined;
    cause?: unknown;
  }) {
    super(fields.message, { cause: fields.cause });
    this.code = fields.code;
    this.reason = fields.reason ?? "";
    this.metadata = fields.metadata ?? {};
    this.violations = fields.violations ?? [];
    this.retryAfterMs = fields.retryAfterMs;
  }

  /** Reads any thrown value, most usefully a ConnectError with its details. */
  static from(thrown: unknown): CallFailure {
    if (thrown instanceof CallFailure) {
      return thrown;
    }
    const error = ConnectError.from(thrown);
    const info = error.findDetails(ErrorInfoSchema)[0];
    const badRequest = error.findDetails(BadRequestSchema)[0];
    const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    return new CallFailure({
      code: error.code,
      message: error.rawMessage,
      reason: info?.reason ?? "",
      metadata: info?.metadata ?? {},
      violations: (badRequest?.fieldViolations ?? []).map(({ field, description }) => ({ field, description })),
      retryAfterMs: delay === undefined ? undefined : Number(delay.seconds) * 1000 + delay.nanos / 1e6,
      cause: thrown,
    });
  }

  is(reason: KnownReason): boolean {
    return this.reason === reason;
  }

  /** The token is missing, unknown, expired or revoked. */
  get unauthenticated(): boolean {
    return this.code === Code.Unauthenticated;
  }

  get notFound(): boolean {
    return this.code === Code.NotFound;
  }

  /** The server refused this field of the request, by its name in the API. */
  blames(field: string): boolean {
    return this.violations.some((violation) => violation.field === field);
  }

  /**
   * Nobody knows whether the server carried the call out: it went away, or the
   * way to it did. Safe to repeat only with the same client id.
   */
  get unknownOutcome(): boolean {
    if (this.reason !== "") {
      return false;
    }
    return (
      this.code === Code.Unavailable ||
      this.code === Code.Unknown ||
      this.code === Code.DeadlineExceeded ||
      this.code === Code.Aborted ||
      this.code === Code.Internal
    );
  }
}

/**
 * What the server says, as a sentence of its own: its messages begin in lower
 * case, as they follow a colon elsewhere. Names such as `base_url` stay.
 */
export function sentence(message: string): string {
  return message.replace(/^[a-z](?=[a-z]*([\s,.:;]|$))/, (letter) => letter.toUpperCase());
}
