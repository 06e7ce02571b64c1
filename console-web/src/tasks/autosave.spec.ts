import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { CallFailure } from "../api/failure";
import { type Stored, begin, draftOf, failed, keepMine, learned, phase, resume, sendOff, sendable, sent, takeTheirs, tooLong, typed } from "./autosave";

const stored = (text: string, version: number): Stored => ({ text, version: BigInt(version) });
const start = begin(stored("one", 1));

describe("autosave", () => {
  it("goes from saved through dirty and saving back to saved", () => {
    const dirty = typed(start, "one two");
    expect([phase(start), phase(dirty), sendable(dirty)]).toEqual(["saved", "dirty", true]);
    const saving = sendOff(dirty);
    expect([phase(saving), sendable(saving)]).toEqual(["saving", false]);
    const saved = sent(saving, stored("one two", 2));
    expect([phase(saved), saved.stored.version]).toEqual(["saved", 2n]);
  });

  it("stays dirty where more was written while it was sent", () => {
    const state = sent(typed(sendOff(typed(start, "one two")), "one two three"), stored("one two", 2));
    expect([phase(state), sendable(state), state.text]).toEqual(["dirty", true, "one two three"]);
  });

  it("keeps what could not be saved, and forgets why with the next key", () => {
    const refusal = failed(sendOff(typed(start, "x")), new CallFailure({ code: Code.Unavailable, message: "gone" }));
    expect([phase(refusal), sendable(refusal)]).toEqual(["failed", true]);
    expect(phase(typed(refusal, "xy"))).toBe("dirty");
  });

  it("shows what somebody else wrote where nothing was written here", () => {
    const state = learned(start, stored("theirs", 2));
    expect([phase(state), state.text]).toEqual(["saved", "theirs"]);
    expect(learned(state, stored("old", 1))).toBe(state);
  });

  it("has a person choose where both wrote", () => {
    const conflict = learned(typed(start, "mine"), stored("theirs", 2));
    expect([phase(conflict), sendable(conflict), conflict.text]).toEqual(["conflict", false, "mine"]);
    const theirs = takeTheirs(conflict);
    expect([phase(theirs), theirs.text]).toEqual(["saved", "theirs"]);
    const mine = keepMine(conflict);
    expect([phase(mine), sendable(mine), mine.text, mine.stored.version]).toEqual(["dirty", true, "mine", 2n]);
    expect(learned(conflict, stored("newer", 3)).theirs?.text).toBe("newer");
  });

  it("is no conflict where both came to the same, or the other went back", () => {
    expect(phase(learned(typed(start, "same"), stored("same", 2)))).toBe("saved");
    const undone = learned(typed(start, "mine"), stored("one", 3));
    expect([phase(undone), undone.stored.version]).toEqual(["dirty", 3n]);
  });

  it("knows its own word when the feed brings it first", () => {
    const echo = learned(sendOff(typed(start, "mine")), stored("mine", 2));
    expect(phase(echo)).toBe("saving");
    expect(phase(sent(echo, stored("mine", 2)))).toBe("saved");
  });

  it("goes where a step was asked for, and keeps what was typed before its answer came", () => {
    const back = stored("zero", 2);
    const shown = learned(start, back);
    expect(shown.text).toBe("zero");
    // The feed was faster than the answer, and so was the person.
    expect(learned(typed(shown, "zero and more"), back).text).toBe("zero and more");
    expect(phase(learned(typed(start, "one and more"), back))).toBe("conflict");
  });

  it("counts characters, not code units", () => {
    expect(tooLong("👍".repeat(60_000))).toBe(false);
    expect(tooLong("a".repeat(100_001))).toBe(true);
  });
});

describe("a draft of a description", () => {
  it("is there only while something is not saved, and comes back over the same version", () => {
    expect(draftOf(start)).toBeUndefined();
    const draft = draftOf(typed(start, "mine"));
    expect(draft).toEqual({ text: "mine", base: "one", version: "1" });
    expect(phase(resume(stored("one", 1), draft))).toBe("dirty");
    expect(phase(resume(stored("mine", 2), draft))).toBe("saved");
  });

  it("meets what was stored meanwhile", () => {
    const draft = draftOf(typed(start, "mine"));
    expect(phase(resume(stored("theirs", 2), draft))).toBe("conflict");
    expect(phase(resume(stored("one", 3), draft))).toBe("dirty");
  });
});
