import { createRouterTransport } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { Settings, TokenScope } from "../gen/banto/v1/settings_pb";
import { takeLaunchCode, tradeLaunchCode } from "./launch";

describe("takeLaunchCode", () => {
  beforeEach(() => window.history.replaceState(null, "", "/jobs?x=1"));

  it("takes the code and leaves no trace of it in the address", () => {
    window.location.hash = "#launch=abc-123";
    expect(takeLaunchCode(window)).toBe("abc-123");
    expect(window.location.href).not.toContain("abc-123");
    expect(window.location.pathname + window.location.search).toBe("/jobs?x=1");
  });

  it("leaves another fragment alone", () => {
    window.location.hash = "#section";
    expect(takeLaunchCode(window)).toBeUndefined();
    expect(window.location.hash).toBe("#section");
  });
});

describe("tradeLaunchCode", () => {
  it("shows the code once, as the launch credential, and asks for scope all", async () => {
    const seen: { authorization: string | null; scope: TokenScope; name: string }[] = [];
    const transport = createRouterTransport((router) => {
      router.service(Settings, {
        createToken(request, context) {
          seen.push({
            authorization: context.requestHeader.get("authorization"),
            scope: request.scope,
            name: request.name,
          });
          return { secret: "s3cret", token: { tokenId: "t1" } };
        },
      });
    });
    expect(await tradeLaunchCode(transport, "abc", "Linux")).toEqual({ secret: "s3cret", tokenId: "t1" });
    expect(seen).toEqual([{ authorization: "Launch abc", scope: TokenScope.ALL, name: "Console on Linux" }]);
  });
});
