import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { type Task, TaskSchema, TaskUpdateSchema, TasksUpdateSchema } from "../gen/banto/v1/tasks_pb";
import { mergeTasks, reduceTask, reduceTasks } from "./tasks-view";

const task = (taskId: string, revision: number, at: number, archived = false): Task =>
  create(TaskSchema, {
    taskId,
    revision: BigInt(revision),
    updatedAt: timestampFromMs(at),
    ...(archived && { archivedAt: timestampFromMs(at) }),
  });
const upserted = (value: Task) => create(TasksUpdateSchema, { kind: { case: "upserted", value } });
const ids = (tasks: readonly Task[] | undefined) => tasks?.map(({ taskId, revision }) => `${taskId}.${revision}`);

describe("reduceTasks", () => {
  const view = reduceTasks(
    undefined,
    create(TasksUpdateSchema, { kind: { case: "snapshot", value: { tasks: [task("b", 3, 30), task("a", 1, 10)] } } }),
  );

  it("brings a changed task to the top, once", () => {
    expect(ids(reduceTasks(view, upserted(task("a", 2, 40))))).toEqual(["a.2", "b.3"]);
  });

  it("drops what is not newer, and takes archived ones away", () => {
    expect(reduceTasks(view, upserted(task("b", 3, 99)))).toBe(view);
    expect(ids(reduceTasks(view, upserted(task("b", 4, 50, true))))).toEqual(["a.1"]);
  });
});

describe("reduceTask", () => {
  it("keeps the newest revision", () => {
    const update = (value: Task) => create(TaskUpdateSchema, { kind: { case: "upserted", value } });
    const first = reduceTask(undefined, update(task("a", 2, 1)));
    expect(first?.revision).toBe(2n);
    expect(reduceTask(first, update(task("a", 1, 2)))).toBe(first);
  });
});

describe("mergeTasks", () => {
  it("lets new tasks in only where nothing is searched for", () => {
    const live = [task("new", 1, 90), task("a", 2, 50)];
    expect(ids(mergeTasks([task("a", 1, 10)], live, { query: "", archived: false }))).toEqual(["new.1", "a.2"]);
    expect(ids(mergeTasks([task("a", 1, 10)], live, { query: "x", archived: false }))).toEqual(["a.2"]);
  });

  it("shows a task that came back from the archive on its own page alone", () => {
    const listed = [task("a", 1, 10, true)];
    expect(ids(mergeTasks(listed, [task("a", 2, 50)], { query: "", archived: true }))).toEqual([]);
  });
});
