import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { CommentState, PlanCommentSchema } from "../gen/banto/v1/plans_pb";
import { ByteIndex } from "../tasks/byte-range";
import { commentSpots, passageIn, unanswered } from "./comment-place";
import { readPlan } from "./plan-document";
import { withPlaces } from "./use-placed-comments";

const text = "<implementation_plan><steps><plan_step number=\"1\"><title>番頭 👍 title</title></plan_step><plan_step number=\"2\"><title>two</title></plan_step></steps></implementation_plan>";
const document = readPlan(text);
const index = new ByteIndex(text);
const range = (quote: string) => {
  const start = new TextEncoder().encode(text.slice(0, text.indexOf(quote))).length;
  return { start: BigInt(start), end: BigInt(start + new TextEncoder().encode(quote).length), quote };
};
const comment = (fields: object) => create(PlanCommentSchema, { state: CommentState.OPEN, revisionId: "r1", ...fields });
const none: ReadonlySet<string> = new Set();
const known: ReadonlySet<string> = new Set(["c"]);
const spot = (fields: object, newest = true, revisionId = "r1", placed = known) => commentSpots([comment({ commentId: "c", ...fields })], { revisionId, newest, document, index, placed })[0];

describe("commentSpots", () => {
  it("finds a passage after characters of many bytes", () => {
    const found = spot({ place: range("title</title>") });
    expect(text.slice(found?.span?.from, found?.span?.to)).toBe("title</title>");
    expect(found).toMatchObject({ step: 1, orphaned: false });
  });

  it("takes the anchor in the revision that it was made on, and no other", () => {
    const anchored = { anchor: range("two") };
    expect(spot(anchored, false)).toMatchObject({ step: 2, orphaned: false });
    expect(spot(anchored, false, "r9")).toMatchObject({ span: undefined, orphaned: false });
    expect(spot({ step: 2 }, false)?.span?.from).toBe(document.steps[1]?.from);
  });

  it("knows which have lost what they speak of", () => {
    expect(spot({ anchor: range("two") })?.orphaned).toBe(true);
    expect(spot({ step: 7 })?.orphaned).toBe(true);
    expect(spot({ anchor: range("two"), state: CommentState.RESOLVED })?.orphaned).toBe(false);
    expect(spot({})).toMatchObject({ orphaned: false, span: undefined });
  });

  it("calls none lost before the server has looked", () => {
    expect(spot({ anchor: range("two") }, true, "r1", none)).toMatchObject({ step: 2, orphaned: false });
    expect(spot({ step: 2 }, true, "r1", none)).toMatchObject({ step: 2, orphaned: false });
    expect(spot({ anchor: range("two") }, true, "r9", none)).toMatchObject({ span: undefined, orphaned: false });
  });

  it("goes by the order of the text", () => {
    const order = commentSpots([comment({ commentId: "c", text: "b", place: range("two") }), comment({ commentId: "c", text: "a", place: range("👍") }), comment({ text: "plan" })], { revisionId: "r1", newest: true, document, index, placed: known });
    expect(order.map(({ comment: one }) => one.text)).toEqual(["plan", "a", "b"]);
  });
});

describe("passageIn", () => {
  it("is where the words stand once", () => {
    const [step] = document.steps;
    const found = step && passageIn(text, step, "👍 title");
    expect(text.slice(found?.from, found?.to)).toBe("👍 title");
    expect(step && passageIn(text, step, "title")).toBeUndefined();
    expect(step && passageIn(text, step, "two")).toBeUndefined();
    expect(step && passageIn(text, step, "  ")).toBeUndefined();
  });
});

describe("unanswered", () => {
  it("is what nobody closed and no revision addresses", () => {
    const states = [CommentState.OPEN, CommentState.ADDRESSED, CommentState.NOT_ADDRESSED, CommentState.RESOLVED];
    expect(unanswered(states.map((state) => comment({ state }))).map(({ state }) => state)).toEqual([CommentState.OPEN, CommentState.NOT_ADDRESSED]);
  });
});

describe("withPlaces", () => {
  it("takes places from the answer and words from whoever is newer", () => {
    const told = [comment({ commentId: "a", change: 3n, text: "new", place: range("title") }), comment({ commentId: "b", change: 1n, text: "old" }), comment({ commentId: "c", change: 1n })];
    const answered = [comment({ commentId: "a", change: 2n, text: "old" }), comment({ commentId: "b", change: 2n, text: "newer", place: range("two") })];
    const [a, b, c] = withPlaces(told, answered);
    expect(a).toMatchObject({ text: "new" });
    expect(a?.place).toBeUndefined();
    expect(b).toMatchObject({ text: "newer", place: { quote: "two" } });
    expect(c).toBe(told[2]);
    expect(withPlaces(told, [])).toBe(told);
  });
});
