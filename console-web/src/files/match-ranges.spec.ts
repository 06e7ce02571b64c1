import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { FileReasonSchema } from "../gen/banto/v1/tasks_pb";
import { matchRanges, nextMatch } from "./match-ranges";

const reason = (firstLine: number, lastLine: number) => create(FileReasonSchema, { lines: { firstLine, lastLine } });

describe("matchRanges", () => {
  it("goes from the top, and takes what touches for one passage", () => {
    expect(matchRanges([reason(30, 34), reason(5, 9), reason(10, 12), reason(32, 40), create(FileReasonSchema, {}), reason(50, 0)])).toEqual([
      { first: 5, last: 12 },
      { first: 30, last: 40 },
      { first: 50, last: 50 },
    ]);
  });

  it("leads from one to the next, and around", () => {
    const ranges = matchRanges([reason(5, 9), reason(30, 34)]);
    expect([nextMatch(ranges, 0, 1), nextMatch(ranges, 5, 1), nextMatch(ranges, 30, 1)]).toEqual([5, 30, 5]);
    expect([nextMatch(ranges, 40, -1), nextMatch(ranges, 30, -1), nextMatch(ranges, 5, -1)]).toEqual([30, 5, 30]);
    expect(nextMatch([], 1, 1)).toBeUndefined();
  });
});
