import { Code } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { CallFailure } from "../api/failure";
import { beginEdit, editPhase, editedNow, keepMineAfter, learnedNow, loadPlanDraft, notSaved, savable, saveAttempt, savePlanDraft, savedNow, savingNow, takeTheirsOver } from "./plan-draft";

const base = (version: number) => ({ revisionId: `r${version}`, version: BigInt(version) });
const failure = new CallFailure({ code: Code.Unavailable, message: "gone" });

describe("editing a plan", () => {
  it("goes from clean to saved", () => {
    const clean = beginEdit(base(1));
    expect(editPhase(clean)).toBe("clean");
    expect(savable(clean)).toBe(false);
    const dirty = editedNow(clean, true);
    expect(editPhase(dirty)).toBe("dirty");
    expect(savable(dirty)).toBe(true);
    const saving = savingNow(dirty);
    expect(editPhase(saving)).toBe("saving");
    expect(savable(saving)).toBe(false);
    const saved = savedNow(saving, base(2), false);
    expect(saved).toMatchObject({ base: base(2), dirty: false });
    expect(editPhase(savedNow(saving, base(2), true))).toBe("dirty");
  });

  it("says why it was not saved, until something is written", () => {
    const failed = notSaved(savingNow(editedNow(beginEdit(base(1)), true)), failure);
    expect(editPhase(failed)).toBe("failed");
    expect(savable(failed)).toBe(true);
    expect(editPhase(editedNow(failed, true))).toBe("dirty");
  });

  it("takes what somebody else saved where nothing was written", () => {
    expect(learnedNow(beginEdit(base(1)), base(2))).toEqual(beginEdit(base(2)));
    expect(learnedNow(beginEdit(base(2)), base(2))).toEqual(beginEdit(base(2)));
  });

  it("lets somebody choose where something was written", () => {
    const met = learnedNow(editedNow(beginEdit(base(1)), true), base(2));
    expect(editPhase(met)).toBe("conflict");
    expect(savable(met)).toBe(false);
    expect(learnedNow(met, base(3)).theirs).toEqual(base(3));
    expect(keepMineAfter(met)).toMatchObject({ base: base(2), dirty: true, theirs: undefined });
    expect(takeTheirsOver(met)).toEqual(beginEdit(base(2)));
  });

  it("does not meet its own word", () => {
    const saving = savingNow(editedNow(beginEdit(base(1)), true));
    expect(learnedNow(saving, base(2))).toBe(saving);
  });
});

describe("a draft of a plan", () => {
  beforeEach(() => localStorage.clear());

  it("survives, and goes when it is done", () => {
    const draft = { text: "<a/>", revisionId: "r1", version: "3", message: "why" };
    expect(savePlanDraft(localStorage, "p", draft)).toBe(true);
    expect(loadPlanDraft(localStorage, "p")).toEqual(draft);
    savePlanDraft(localStorage, "p", undefined);
    expect(loadPlanDraft(localStorage, "p")).toBeUndefined();
  });

  it("is nothing where something else is stored, and says where there is no room", () => {
    localStorage.setItem("banto.plan-draft.p", '{"text":1}');
    expect(loadPlanDraft(localStorage, "p")).toBeUndefined();
    const full = { setItem: () => { throw new DOMException("full", "QuotaExceededError"); } } as unknown as Storage;
    expect(savePlanDraft(full, "p", { text: "", revisionId: "r", version: "1", message: "" })).toBe(false);
  });

  it("is saved with the same id as long as its text is the same", () => {
    const attempt = saveAttempt(undefined, "one", () => "id1");
    expect(saveAttempt({ attempt }, "one", () => "id2")).toBe(attempt);
    expect(saveAttempt({ attempt }, "two", () => "id2").requestId).toBe("id2");
  });
});
