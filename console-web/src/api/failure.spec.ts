import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";
import { CallFailure, sentence } from "./failure";

describe("CallFailure.from", () => {
  it("reads reason, metadata, violations and delay from the details", () => {
    const failure = CallFailure.from(
      new ConnectError("a turn is running", Code.FailedPrecondition, undefined, [
        {
          desc: ErrorInfoSchema,
          value: { reason: "TURN_IN_PROGRESS", domain: "banto.v1", metadata: { active_turn_id: "t1" } },
        },
        { desc: BadRequestSchema, value: { fieldViolations: [{ field: "text", description: "too long" }] } },
        { desc: RetryInfoSchema, value: { retryDelay: { seconds: 1n, nanos: 500_000_000 } } },
      ]),
    );
    expect(failure.is("TURN_IN_PROGRESS")).toBe(true);
    expect(failure.metadata["active_turn_id"]).toBe("t1");
    expect(failure.violations).toEqual([{ field: "text", description: "too long" }]);
    expect(failure.blames("text")).toBe(true);
    expect(failure.blames("job_id")).toBe(false);
    expect(failure.retryAfterMs).toBe(1500);
    expect(failure.message).toBe("a turn is running");
  });

  it("reads details as they arrive on the wire", () => {
    const error = new ConnectError("no", Code.Unauthenticated);
    error.details.push({
      type: ErrorInfoSchema.typeName,
      value: new Uint8Array([10, 1, 88]),
    });
    expect(CallFailure.from(error).reason).toBe("X");
    expect(create(ErrorInfoSchema).reason).toBe("");
  });

  it("takes a lost connection for an unknown outcome, a refusal for a known one", () => {
    expect(CallFailure.from(new TypeError("Failed to fetch")).unknownOutcome).toBe(true);
    expect(new CallFailure({ code: Code.Unavailable, message: "stopped", reason: "COMPANION_UNAVAILABLE" }).unknownOutcome).toBe(
      false,
    );
  });
});

describe("sentence", () => {
  it("begins with a capital letter, unless it begins with a name", () => {
    expect(sentence("the provider is overloaded or broken (HTTP 500)")).toBe(
      "The provider is overloaded or broken (HTTP 500)",
    );
    expect(sentence("OpenAI refused")).toBe("OpenAI refused");
    expect(sentence("base_url is not a URL")).toBe("base_url is not a URL");
    expect(sentence("gpt-5 does not exist")).toBe("gpt-5 does not exist");
    expect(sentence("番頭")).toBe("番頭");
    expect(sentence("")).toBe("");
  });
});
