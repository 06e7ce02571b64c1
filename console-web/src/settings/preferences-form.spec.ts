import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PreferencesSchema } from "../gen/banto/v1/settings_pb";
import { FinderMode } from "../gen/banto/v1/workflows_pb";
import { applied, change, conflicts, drop, fromForm, loadFormDraft, problemOf, saveFormDraft, toForm } from "./preferences-form";

const stored = create(PreferencesSchema, {
  version: 4n,
  companionModel: "gpt-5-mini",
  dailySpendLimitNanoUsd: 2_500_000_000n,
  promptRetentionDays: 30,
  eventRetentionDays: 365,
});
const form = toForm(stored);

describe("the form of the preferences", () => {
  it("is the preferences, both ways", () => {
    expect(fromForm(form, stored)).toEqual({
      version: 4n,
      companionProviderId: "",
      companionModel: "gpt-5-mini",
      companionLanguage: "",
      companionInstructions: "",
      dailySpendLimitNanoUsd: 2_500_000_000n,
      finderMode: FinderMode.UNSPECIFIED,
      promptRetentionDays: 30,
      eventRetentionDays: 365,
    });
    const strict = { ...form, finderMode: "engine", taskLimit: "0.25" };
    expect(fromForm(strict, stored)).toMatchObject({ finderMode: FinderMode.ENGINE, taskSpendLimitNanoUsd: 250_000_000n });
    expect(toForm(create(PreferencesSchema, fromForm(strict, stored)))).toEqual(strict);
  });

  it("leaves out what is empty: no limit, no end", () => {
    const open = fromForm({ ...form, dailyLimit: "", conversationDays: "" }, stored);
    expect(open).not.toHaveProperty("dailySpendLimitNanoUsd");
    expect(open).not.toHaveProperty("conversationRetentionDays");
    expect(fromForm({ ...form, conversationDays: "90" }, stored).conversationRetentionDays).toBe(90);
  });

  it("says what is wrong before the server has to", () => {
    expect(problemOf("dailyLimit", "1,5")).toBe("amount");
    expect(problemOf("dailyLimit", "")).toBeUndefined();
    expect(problemOf("promptDays", "0")).toBe("days");
    expect(problemOf("eventDays", "3651")).toBe("days");
    expect(problemOf("conversationDays", "")).toBeUndefined();
    expect(problemOf("instructions", "番".repeat(8001))).toBe("tooLong");
  });
});

describe("a draft", () => {
  it("holds what differs, and nothing that is back where it was", () => {
    const draft = change({}, form, "model", "gpt-6");
    expect(applied(form, draft).model).toBe("gpt-6");
    expect(change(draft, form, "model", "gpt-5-mini")).toEqual({});
    expect(drop(draft, ["model"])).toEqual({});
  });

  it("knows what somebody else changed to something else, and only that", () => {
    const draft = change(change({}, form, "model", "mine"), form, "language", "ja");
    expect(conflicts({ ...form, promptDays: "7" }, draft, ["model", "language"])).toEqual([]);
    expect(conflicts({ ...form, model: "mine" }, draft, ["model"])).toEqual([]);
    expect(conflicts({ ...form, model: "theirs" }, draft, ["model", "language"])).toEqual(["model"]);
  });

  it("survives a reload of the tab, and what is not one is none", () => {
    const draft = change({}, form, "instructions", "Be brief.");
    saveFormDraft(sessionStorage, draft);
    expect(loadFormDraft(sessionStorage)).toEqual(draft);
    sessionStorage.setItem("banto.settings-draft", '{"model":3}');
    expect(loadFormDraft(sessionStorage)).toEqual({});
  });
});
