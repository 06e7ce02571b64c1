import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { WorkerInfoSchema, WorkersUpdateSchema } from "../gen/banto/v1/worker_pb";
import { reduceWorkers } from "./fleet-view";

const worker = (workerId: string, version: number, runtimeId = "r1") =>
  create(WorkerInfoSchema, { runtimeId, workerId, version: BigInt(version) });
const upserted = (value: ReturnType<typeof worker>) =>
  create(WorkersUpdateSchema, { kind: { case: "upserted", value } });

describe("reduceWorkers", () => {
  const view = [worker("a", 5), worker("b", 1)];

  it("drops a version that is not newer", () => {
    expect(reduceWorkers(view, upserted(worker("a", 5)))).toBe(view);
    expect(reduceWorkers(view, upserted(worker("a", 6)))?.[0]?.version).toBe(6n);
  });

  it("knows a worker by runtime and id together", () => {
    const both = reduceWorkers(view, upserted(worker("a", 1, "r0")));
    expect(both?.map(({ runtimeId, workerId }) => runtimeId + workerId)).toEqual(["r0a", "r1a", "r1b"]);
  });
});
