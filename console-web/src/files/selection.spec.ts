import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { FileChoice, FileSource, type TaskFile, TaskFileSchema } from "../gen/banto/v1/tasks_pb";
import { bulk, counts, decide, filtered, toggled, totals } from "./selection";

const { UNSPECIFIED, INCLUDED, EXCLUDED, PINNED } = FileChoice;
const found = (path: string, score: number, choice: FileChoice = UNSPECIFIED, tokens = 10): TaskFile =>
  create(TaskFileSchema, { path, score, choice, source: FileSource.RELEVANT, workflowId: "w", tokens: BigInt(tokens) });
const chosen = (path: string, choice: FileChoice): TaskFile => create(TaskFileSchema, { path, choice });
const names = (files: readonly TaskFile[]) => files.map(({ path, choice }) => `${path} ${choice}`);

describe("decide", () => {
  const files = [found("a", 0.9), found("b", 0.5), chosen("c", INCLUDED)];

  it("is what the server will answer: pinned first, new ones in", () => {
    expect(names(decide(files, [{ path: "b", choice: PINNED }, { path: "d", choice: INCLUDED }]))).toEqual(["b 3", "a 0", "c 1", "d 1"]);
    expect(names(decide(files, [{ path: "a", choice: EXCLUDED }]))).toEqual(["a 2", "b 0", "c 1"]);
  });

  it("lets go of what was only there by choice", () => {
    expect(names(decide(files, [{ path: "c", choice: UNSPECIFIED }, { path: "a", choice: UNSPECIFIED }]))).toEqual(["a 0", "b 0"]);
    expect(names(decide(files, [{ path: "nowhere", choice: UNSPECIFIED }]))).toEqual(["a 0", "b 0", "c 1"]);
  });

  it("adds up, and leaves the files alone that it was given", () => {
    const batches = [[{ path: "a", choice: EXCLUDED }], [{ path: "a", choice: PINNED }]];
    expect(names(batches.reduce<readonly TaskFile[]>(decide, files))[0]).toBe("a 3");
    expect(names(files)).toEqual(["a 0", "b 0", "c 1"]);
    expect(decide(files, [])).toBe(files);
  });
});

describe("the selection", () => {
  it("counts what was found or wanted, and not excluded", () => {
    expect([found("a", 1), found("a", 1, EXCLUDED), chosen("a", INCLUDED), chosen("a", PINNED), chosen("a", EXCLUDED)].map(counts)).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(totals([found("a", 1), found("b", 1, EXCLUDED), found("c", 1, PINNED, 5)])).toEqual({ counted: 2, excluded: 1, tokens: 15n });
  });

  it("takes a choice back when it is made again", () => {
    expect(toggled(found("a", 1), EXCLUDED).choice).toBe(EXCLUDED);
    expect(toggled(found("a", 1, EXCLUDED), EXCLUDED).choice).toBe(UNSPECIFIED);
  });

  it("changes in bulk only what changes", () => {
    expect(bulk([found("a", 1), found("b", 1, EXCLUDED)], EXCLUDED)).toEqual([{ path: "a", choice: EXCLUDED }]);
  });

  it("filters by every word of the path, whatever the width and case", () => {
    const files = [found("src/Feed/client.ts", 1), found("src/jobs/list.ts", 1)];
    expect(names(filtered(files, "ｆｅｅｄ TS"))).toEqual(["src/Feed/client.ts 0"]);
    expect(filtered(files, "  ")).toBe(files);
  });
});
