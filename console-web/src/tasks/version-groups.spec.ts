import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { TaskVersionCause, TaskVersionSchema } from "../gen/banto/v1/tasks_pb";
import { groupVersions } from "./version-groups";

const { CREATED, EDITED, IMPROVED } = TaskVersionCause;
const version = (number: number, minute: number, cause: TaskVersionCause = EDITED, author = "a") =>
  create(TaskVersionSchema, { version: BigInt(number), cause, author, createdAt: timestampFromMs(minute * 60_000) });
const shape = (...versions: readonly ReturnType<typeof version>[]) => groupVersions(versions).map((group) => group.versions.map((one) => Number(one.version)));

describe("groupVersions", () => {
  it("puts what was written in one go together", () => {
    expect(shape(version(4, 21), version(3, 20), version(2, 10), version(1, 9, CREATED))).toEqual([[4, 3], [2], [1]]);
  });

  it("measures each pause, not the whole", () => {
    expect(shape(version(4, 12), version(3, 8), version(2, 4), version(1, 0))).toEqual([[4, 3, 2, 1]]);
  });

  it("keeps people apart, and what is not plain writing", () => {
    expect(shape(version(4, 3), version(3, 2, EDITED, "b"), version(2, 1, IMPROVED, "b"), version(1, 0, EDITED, "b"))).toEqual([[4], [3], [2], [1]]);
  });

  it("says where a group begins and ends", () => {
    const [group] = groupVersions([version(3, 2), version(2, 1)]);
    expect([group?.newest.version, group?.oldest.version]).toEqual([3n, 2n]);
    expect(groupVersions([])).toEqual([]);
  });
});
