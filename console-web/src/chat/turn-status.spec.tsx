import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { TurnSchema } from "../gen/banto/v1/companion_conversation_pb";
import { renderConsole } from "../testing/render-console";
import { TurnStatus } from "./turn-status";

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => vi.useRealTimers());

const status = () => screen.getByRole("status").textContent;

describe("TurnStatus", () => {
  it("is silent without a running turn", async () => {
    await renderConsole(<TurnStatus turn={undefined} />, () => undefined);
    expect(status()).toBe("");
  });

  it("names the model that writes", async () => {
    const turn = create(TurnSchema, { state: RunState.RUNNING, model: "m-1" });
    await renderConsole(<TurnStatus turn={turn} />, () => undefined);
    expect(status()).toBe("m-1 is writing…");
  });

  it("counts down to the next attempt and says why the last one failed", async () => {
    const turn = create(TurnSchema, {
      state: RunState.RUNNING,
      attempts: [
        {
          number: 1,
          endedAt: timestampFromMs(Date.now()),
          failure: { message: "429" },
          retryAfter: { seconds: 3n },
        },
      ],
    });
    await renderConsole(<TurnStatus turn={turn} />, () => undefined);
    expect(status()).toBe("Attempt 2 in 3 sAttempt 1 failed: 429");
    await act(() => vi.advanceTimersByTimeAsync(3_500));
    expect(status()).toContain("Attempt 2…");
  });

  it("forgets the failed attempt once another is under way", async () => {
    const turn = create(TurnSchema, {
      state: RunState.RUNNING,
      model: "m-1",
      attempts: [{ number: 1, failure: {}, retryAfter: { seconds: 3n } }, { number: 2 }],
    });
    await renderConsole(<TurnStatus turn={turn} />, () => undefined);
    expect(status()).toBe("m-1 is writing…");
  });
});
