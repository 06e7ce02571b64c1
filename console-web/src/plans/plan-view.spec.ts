import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RunState } from "../gen/banto/v1/common_pb";
import { PlanSchema, PlanUpdateSchema, PlansUpdateSchema } from "../gen/banto/v1/plans_pb";
import { type PlanView, reducePlan } from "./plan-view";
import { reducePlans } from "./plans-view";

type Kind = NonNullable<MessageInitShape<typeof PlanUpdateSchema>["kind"]>;
const update = (kind: Kind) => create(PlanUpdateSchema, { kind });
const plan = (change: number, fields: MessageInitShape<typeof PlanSchema> = {}) => ({ planId: "p", epoch: "e", change: BigInt(change), headSequence: 0n, ...fields });
const revision = (revisionId: string, number: number, state: RunState, sizeBytes = 0) => ({ revisionId, number: BigInt(number), state, sizeBytes: BigInt(sizeBytes) });
const snapshot = (fields: object = {}) => update({ case: "snapshot", value: { plan: plan(1), ...fields } as never });
const event = (sequence: number, kind: object) => update({ case: "event", value: { sequence: BigInt(sequence), kind: kind as never } });
const started = (sequence: number, id = "r1", number = 1) => event(sequence, { case: "revisionStarted", value: { plan: plan(sequence + 1, { activeRevisionId: id }), revision: revision(id, number, RunState.RUNNING) } });
const ended = (sequence: number, sizeBytes: number, id = "r1", state: RunState = RunState.COMPLETED) =>
  event(sequence, { case: "revisionEnded", value: { plan: plan(sequence + 1, { headRevisionId: id }), revision: revision(id, 1, state, sizeBytes) } });
const delta = (offset: number, text: string, blockId = "r1") => update({ case: "delta", value: { blockId, offset: BigInt(offset), text } });
const comment = (sequence: number, commentId: string, change: number, text: string) => event(sequence, { case: "commentChanged", value: { comment: { commentId, change: BigInt(change), text } } });

const after = (...updates: ReturnType<typeof update>[]): PlanView => {
  const view = updates.reduce<PlanView | undefined>(reducePlan, undefined);
  if (view === undefined) {
    throw new Error("no view");
  }
  return view;
};

describe("a plan's view", () => {
  it("is nothing before its first snapshot", () => {
    expect(reducePlan(undefined, delta(0, "x"))).toBeUndefined();
    expect(reducePlan(undefined, started(1))).toBeUndefined();
  });

  it("grows with its text and ends with its revision", () => {
    const view = after(snapshot(), started(1), delta(0, "番"), delta(3, "頭!"), ended(2, 7));
    expect(view.written).toMatchObject({ revisionId: "r1", text: "番頭!", bytes: 7 });
    expect(view.revisions[0]?.state).toBe(RunState.COMPLETED);
    expect(view.plan.headRevisionId).toBe("r1");
    expect(view.sequence).toBe(2n);
  });

  it("takes a delta once, however often and however it overlaps", () => {
    const once = after(snapshot(), started(1), delta(0, "abc"), delta(3, "def"));
    expect(reducePlan(once, delta(3, "def"))).toBe(once);
    expect(reducePlan(once, delta(1, "bc"))).toBe(once);
    expect(reducePlan(once, delta(4, "efg"))?.written?.text).toBe("abcdefg");
    expect(reducePlan(once, delta(0, "x", "other"))).toBe(once);
  });

  it("asks anew where a text has a hole, and resumes after a gap", () => {
    const running = after(snapshot(), started(1), delta(0, "abc"));
    expect(reducePlan(running, delta(9, "x"))?.broken).toBe("text");
    const gap = after(snapshot(), started(1), delta(0, "abc"), ended(4, 3));
    expect(gap).toMatchObject({ broken: "gap", sequence: 1n });
    expect(reducePlan(gap, delta(3, "d"))).toBe(gap);
    const resumed = after(snapshot(), started(1), delta(0, "abc"), ended(4, 3), snapshot({ resumed: true, plan: plan(9) }), ended(2, 3));
    expect(resumed).toMatchObject({ broken: undefined, sequence: 2n, written: { text: "abc" } });
  });

  it("goes on from the text of a snapshot", () => {
    const view = after(snapshot({ activeRevision: revision("r1", 1, RunState.RUNNING), activeText: "番" }), delta(3, "頭"));
    expect(view.written?.text).toBe("番頭");
  });

  it("is cut back to what the database kept", () => {
    const running = after(snapshot(), started(1), delta(0, "abcdef"));
    const shorter = reducePlan(running, delta(0, "abc"));
    expect(shorter?.written).toMatchObject({ text: "abc", bytes: 3 });
    expect(shorter?.written?.generation).not.toBe(running.written?.generation);
    expect(reducePlan(running, delta(0, "abcdefgh"))?.written?.generation).toBe(running.written?.generation);
    const interrupted = after(snapshot(), started(1), delta(0, "abcdef"), ended(2, 4, "r1", RunState.INTERRUPTED));
    expect(interrupted.written).toMatchObject({ text: "abcd", bytes: 4 });
  });

  it("has no text where less came than was kept", () => {
    expect(after(snapshot(), started(1), delta(0, "ab"), ended(2, 4)).written).toBeUndefined();
  });

  it("lets nothing older take the place of what it has", () => {
    const view = after(snapshot({ plan: plan(5) }), started(1), ended(2, 0), comment(3, "c", 2, "new"), comment(4, "c", 1, "old"));
    expect(view.plan.change).toBe(5n);
    expect(view.comments).toMatchObject([{ text: "new" }]);
    const again = reducePlan(view, event(5, { case: "revisionStarted", value: { revision: revision("r1", 1, RunState.RUNNING) } }));
    expect(again?.revisions[0]?.state).toBe(RunState.COMPLETED);
  });

  it("forgets at a reset", () => {
    expect(reducePlan(after(snapshot()), update({ case: "reset", value: {} }))).toBeUndefined();
  });
});

describe("the plans of a task", () => {
  const plans = (kind: MessageInitShape<typeof PlansUpdateSchema>["kind"]) => create(PlansUpdateSchema, kind ? { kind } : {});

  it("takes what is new, and drops what is not newer", () => {
    const first = reducePlans(undefined, plans({ case: "snapshot", value: { plans: [{ planId: "a", change: 3n }] } }));
    const second = reducePlans(first, plans({ case: "upserted", value: { planId: "b", change: 1n } }));
    expect(second?.map(({ planId }) => planId)).toEqual(["b", "a"]);
    expect(reducePlans(second, plans({ case: "upserted", value: { planId: "a", change: 3n } }))).toBe(second);
    expect(reducePlans(second, plans({ case: "upserted", value: { planId: "a", change: 4n, title: "x" } }))?.[1]?.title).toBe("x");
  });
});
