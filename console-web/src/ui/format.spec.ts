import { create } from "@bufbuild/protobuf";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { RunState, UsageSchema } from "../gen/banto/v1/common_pb";
import { startLanguage } from "../i18n/language";
import { costText, durationText, scoreText, stateSlug, tokensText } from "./format";

beforeAll(() => startLanguage("en"));

describe("scoreText", () => {
  it("is of 100, and says that a small one is not nothing", () => {
    expect([scoreText(0.876, "en"), scoreText(0.012, "en"), scoreText(1, "en")]).toEqual(["88", "1.2", "100"]);
  });
});

describe("usage", () => {
  const text = (usage: Parameters<typeof create<typeof UsageSchema>>[1]) =>
    tokensText(i18next.t, create(UsageSchema, usage), "en");

  it("that is unknown is said to be unknown, never zero", () => {
    expect(tokensText(i18next.t, undefined, "en")).toBe("tokens unknown");
    expect(text({})).toBe("tokens unknown");
    expect(text({ outputTokens: 12n })).toBe("unknown in, 12 out");
    expect(costText(i18next.t, create(UsageSchema), "en")).toBe("cost unknown");
  });

  it("that is known to be zero is zero", () => {
    expect(text({ inputTokens: 0n, outputTokens: 0n })).toBe("0 in, 0 out");
    expect(costText(i18next.t, create(UsageSchema, { costNanoUsd: 0n }), "en")).toBe("$0.00");
  });

  it("counts what came from the cache as read", () => {
    expect(text({ inputTokens: 1000n, cacheReadTokens: 234n, outputTokens: 5n })).toBe("1,234 in, 5 out");
  });

  it("shows small sums with two digits that matter", () => {
    expect(costText(i18next.t, create(UsageSchema, { costNanoUsd: 4_231_000n }), "en")).toBe("$0.0042");
    expect(costText(i18next.t, create(UsageSchema, { costNanoUsd: 1_500_000_000n }), "en")).toBe("$1.50");
  });
});

describe("the rest", () => {
  it("is readable", () => {
    expect(durationText(950, "en")).toBe("950 ms");
    expect(durationText(3240, "en")).toBe("3.2 sec");
    expect(durationText(125_000, "en")).toBe("2 min 5 sec");
    expect(stateSlug(RunState.PROVIDER_FAILED)).toBe("provider_failed");
  });
});
