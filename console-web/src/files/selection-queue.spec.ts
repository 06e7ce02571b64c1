import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { FileChoice, FileSource, TaskFileSchema } from "../gen/banto/v1/tasks_pb";
import { decide } from "./selection";
import { type SelectionState, decided, loaded, refused, shownFiles, taken } from "./selection-queue";

const file = (path: string) => create(TaskFileSchema, { path, score: 0.5, source: FileSource.RELEVANT });
const start: SelectionState = { stored: [file("a"), file("b")], pending: [] };
const first = [{ path: "a", choice: FileChoice.EXCLUDED }];
const second = [{ path: "b", choice: FileChoice.PINNED }];
const choices = (state: SelectionState) => Object.fromEntries(shownFiles(state).map(({ path, choice }) => [path, choice]));

describe("a selection on its way", () => {
  const both = decided(decided(start, first), second);

  it("shows every decision at once", () => {
    expect(choices(both)).toEqual({ a: FileChoice.EXCLUDED, b: FileChoice.PINNED });
  });

  it("keeps the later ones while an earlier one arrives", () => {
    const after = taken(both, first, decide(start.stored, first));
    expect(choices(after)).toEqual({ a: FileChoice.EXCLUDED, b: FileChoice.PINNED });
    expect(after.pending).toEqual([second]);
  });

  it("takes back what was refused, and nothing else", () => {
    expect(choices(refused(both, first))).toEqual({ a: FileChoice.UNSPECIFIED, b: FileChoice.PINNED });
  });

  it("lays what is on its way over what was loaded meanwhile", () => {
    expect(choices(loaded(both, [file("a"), file("c")]))).toEqual({ a: FileChoice.EXCLUDED, b: FileChoice.PINNED, c: FileChoice.UNSPECIFIED });
  });
});
