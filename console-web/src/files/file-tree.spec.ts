import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { FileChoice, FileSource, TaskFileSchema } from "../gen/banto/v1/tasks_pb";
import { treeRows } from "./file-tree";

const files = ["src/feed/b.ts", "src/feed/a.ts", "src/main.ts", "docs/deep/er/x.md", "README.md"].map((path) =>
  create(TaskFileSchema, { path, source: FileSource.RELEVANT, choice: path.endsWith("b.ts") ? FileChoice.EXCLUDED : FileChoice.UNSPECIFIED }),
);
const shape = (closed: readonly string[] = []) =>
  treeRows(files, new Set(closed)).map((row) => `${"  ".repeat(row.depth)}${row.name}${row.kind === "folder" ? `/ ${row.counted} of ${row.total}` : ""}`);

describe("treeRows", () => {
  it("puts folders first, and says lonely ones in one breath", () => {
    expect(shape()).toEqual([
      "docs/deep/er/ 1 of 1",
      "  x.md",
      "src/ 2 of 3",
      "  feed/ 1 of 2",
      "    a.ts",
      "    b.ts",
      "  main.ts",
      "README.md",
    ]);
  });

  it("leaves out what is in a closed folder, and still counts it", () => {
    expect(shape(["src/", "docs/deep/er/"])).toEqual(["docs/deep/er/ 1 of 1", "src/ 2 of 3", "README.md"]);
  });

  it("is as quick as a list wants it for ten thousand files", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => create(TaskFileSchema, { path: `d${index % 100}/e${index % 7}/f${index}` }));
    const start = performance.now();
    expect(treeRows(many, new Set()).length).toBeGreaterThan(10_000);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
