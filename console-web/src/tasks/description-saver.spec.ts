import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Task, TaskSchema, Tasks } from "../gen/banto/v1/tasks_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { phase } from "./autosave";
import { DescriptionSaver } from "./description-saver";

let server: Task;
let refuse: (() => ConnectError | undefined) | undefined;
let calls: string[];

function makeSaver(): DescriptionSaver {
  const transport = createRouterTransport((router) => {
    router.service(Tasks, {
      updateTask: ({ description = "", expectedVersion }) => {
        calls.push(description);
        const refusal = refuse?.();
        if (refusal) {
          throw refusal;
        }
        if (expectedVersion !== server.descriptionVersion) {
          throw new ConnectError("changed", Code.Aborted, undefined, [
            { desc: ErrorInfoSchema, value: { reason: "VERSION_CONFLICT", domain: "banto.v1" } },
          ]);
        }
        server = { ...server, description, descriptionVersion: server.descriptionVersion + 1n };
        return { task: server };
      },
      getTask: () => ({ task: server }),
    });
  });
  return new DescriptionSaver(server, { tasks: createClient(Tasks, transport), storage: localStorage });
}

describe("DescriptionSaver", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    server = create(TaskSchema, { taskId: "t", description: "one", descriptionVersion: 1n });
    refuse = undefined;
    calls = [];
    return () => vi.useRealTimers();
  });

  it("saves a second after the last key, and not while an input method is open", async () => {
    const saver = makeSaver();
    saver.type("on");
    await vi.advanceTimersByTimeAsync(900);
    saver.type("once");
    await vi.advanceTimersByTimeAsync(900);
    expect(calls).toEqual([]);
    saver.compose(true);
    await vi.advanceTimersByTimeAsync(3000);
    expect(calls).toEqual([]);
    saver.compose(false);
    await vi.advanceTimersByTimeAsync(1100);
    expect(calls).toEqual(["once"]);
    expect(phase(saver.state())).toBe("saved");
    expect(localStorage.getItem("banto.task-draft.t")).toBeNull();
  });

  it("learns nothing under an open input method, and meets it afterwards", async () => {
    const saver = makeSaver();
    saver.compose(true);
    saver.learn({ ...server, description: "theirs", descriptionVersion: 2n });
    expect(saver.state().text).toBe("one");
    saver.compose(false);
    saver.type("one 番頭");
    await vi.advanceTimersByTimeAsync(200);
    expect(phase(saver.state())).toBe("conflict");
    expect(saver.state().text).toBe("one 番頭");
  });

  it("keeps a draft that a lost call and a dead page leave behind, and saves it later", async () => {
    refuse = () => new ConnectError("away", Code.Unavailable);
    const saver = makeSaver();
    saver.type("mine");
    await saver.flush();
    expect(phase(saver.state())).toBe("failed");
    saver.leave();
    await vi.advanceTimersByTimeAsync(10);
    refuse = undefined;
    const next = makeSaver();
    expect(next.state().text).toBe("mine");
    await vi.advanceTimersByTimeAsync(1100);
    expect(server.description).toBe("mine");
  });

  it("takes its own lost word for saved, not for somebody else's", async () => {
    const saver = makeSaver();
    let lost = true;
    refuse = () => {
      if (lost) {
        lost = false;
        server = { ...server, description: "mine", descriptionVersion: 2n };
        return new ConnectError("away", Code.Unavailable);
      }
      return undefined;
    };
    saver.type("mine");
    await saver.flush();
    await vi.advanceTimersByTimeAsync(5000);
    expect(phase(saver.state())).toBe("saved");
    expect(saver.state().stored.version).toBe(2n);
  });

  it("meets somebody else's text, and saves over it only when told to", async () => {
    const saver = makeSaver();
    server = { ...server, description: "theirs", descriptionVersion: 2n };
    saver.type("mine");
    await saver.flush();
    expect(phase(saver.state())).toBe("conflict");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.description).toBe("theirs");
    saver.keepMine();
    await vi.advanceTimersByTimeAsync(100);
    expect(server.description).toBe("mine");
  });
});
