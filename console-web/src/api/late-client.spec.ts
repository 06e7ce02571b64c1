import { createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { RuntimeRegistry } from "../gen/banto/v1/runtime_registry_pb";
import { lateClient } from "./late-client";

const transport = createRouterTransport((router) => {
  router.service(RuntimeRegistry, { listRuntimes: () => ({ runtimes: [{ runtimeId: "one" }] }) });
});

describe("lateClient", () => {
  it("loads the service once, with the first call", async () => {
    let loads = 0;
    const client = lateClient(async () => {
      loads += 1;
      return RuntimeRegistry;
    }, transport);
    expect(loads).toBe(0);
    await Promise.all([client.listRuntimes({}), client.listRuntimes({})]);
    expect((await client.listRuntimes({})).runtimes[0]?.runtimeId).toBe("one");
    expect(loads).toBe(1);
  });

  it("asks again for a file that did not come", async () => {
    let there = false;
    const client = lateClient(async () => {
      if (!there) {
        throw new Error("no such file");
      }
      return RuntimeRegistry;
    }, transport);
    await expect(client.listRuntimes({})).rejects.toThrow("no such file");
    there = true;
    expect((await client.listRuntimes({})).runtimes).toHaveLength(1);
  });
});
