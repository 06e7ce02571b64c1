import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type GeneratePlanRequest, PlanOrigin, Plans } from "../gen/banto/v1/plans_pb";
import { type Provider, ProviderSchema, Settings } from "../gen/banto/v1/settings_pb";
import { TaskSchema } from "../gen/banto/v1/tasks_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { startLanguage } from "../i18n/language";
import { addPlanTexts } from "../i18n/plan-texts";
import { addTaskTexts } from "../i18n/task-texts";
import { DescriptionSaver } from "../tasks/description-saver";
import { TaskContext } from "../tasks/task-context";
import { renderConsole } from "../testing/render-console";
import { NewPlan } from "./new-plan";

beforeAll(async () => {
  await startLanguage("en");
  addTaskTexts();
  addPlanTexts();
});
beforeEach(() => localStorage.clear());

const openai = create(ProviderSchema, { providerId: "openai", defaultModel: "gpt-5-mini" });

async function show({ providers = [openai], fileCount = 3, refuse = () => undefined }: { providers?: readonly Provider[]; fileCount?: number; refuse?: (call: number) => ConnectError | undefined } = {}) {
  const calls: GeneratePlanRequest[] = [];
  const onClose = vi.fn<() => void>();
  const task = create(TaskSchema, { taskId: "t", workspaceId: "w", description: "Sort the list", descriptionVersion: 1n, fileCount });
  const never = () => Promise.reject(new Error("nothing was written"));
  const saver = new DescriptionSaver(task, { tasks: { updateTask: never, getTask: never }, storage: localStorage });
  await renderConsole(
    <TaskContext value={{ task, saver }}>
      <NewPlan onClose={onClose} />
    </TaskContext>,
    (router) => {
      router.service(Settings, { listProviders: () => ({ providers: [...providers] }), getPreferences: () => ({ preferences: {} }), listModels: () => ({}) });
      router.service(Plans, {
        estimatePlan: ({ origin }) => ({ origin, model: "gpt-5-mini", providerId: "openai", inputTokens: 1200n, inputNanoUsd: 1_000_000_000n, outputNanoUsd: 2_000_000_000n }),
        generatePlan: (request) => {
          const refusal = refuse(calls.length);
          calls.push(request);
          if (refusal) {
            throw refusal;
          }
          return { plan: { planId: `p${calls.length}` } };
        },
      });
    },
  );
  return { calls, onClose };
}

describe("a new plan", () => {
  it("counts the files of a brief, of which nothing is sent", async () => {
    await show({ providers: [], fileCount: 3 });
    expect(await screen.findByText("A brief from 3 files. Nothing is sent, and it costs nothing.")).toBeTruthy();
    // What a choice means is its description, and no part of its name.
    expect(screen.getByRole("radio", { name: "A brief, without a model" })).toHaveProperty("checked", true);
  });

  it("says before what it costs, for all drafts", async () => {
    await show();
    expect(await screen.findByText("At most $3.00.")).toBeTruthy();
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "How many drafts" }), "3");
    expect(await screen.findByText("At most $9.00 for 3 drafts.")).toBeTruthy();
  });

  it("is begun once for each draft, and only the rest after a refusal", async () => {
    const limit = new ConnectError("too many", Code.ResourceExhausted, undefined, [{ desc: ErrorInfoSchema, value: { reason: "LIMIT_EXCEEDED", domain: "banto.v1" } }]);
    const { calls, onClose } = await show({ refuse: (call) => (call === 2 ? limit : undefined) });
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "How many drafts" }), "3");
    await userEvent.type(screen.getByRole("textbox", { name: "What to mind" }), "tests first");
    await userEvent.click(screen.getByRole("button", { name: "Write 3 plans" }));
    await screen.findByText("The plan could not be started.");
    expect(calls).toHaveLength(3);
    await userEvent.click(screen.getByRole("button", { name: "Write 3 plans" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(calls).toHaveLength(4);
    expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(4);
    expect(calls.every(({ instructions, origin }) => instructions === "tests first" && origin === PlanOrigin.MODEL)).toBe(true);
  });

  it("is a brief where no model is configured, and says so", async () => {
    const { calls } = await show({ providers: [] });
    await screen.findByText("No model is configured. A brief works without one.");
    expect(screen.getByRole("radio", { name: /^A brief/ })).toHaveProperty("checked", true);
    await userEvent.click(screen.getByRole("button", { name: "Write the plan" }));
    await waitFor(() => expect(calls).toMatchObject([{ origin: PlanOrigin.BRIEF, model: "", includeTree: false }]));
  });

  it("needs files", async () => {
    await show({ fileCount: 0 });
    expect(screen.getByTestId("no-files").textContent).toContain("Find or add some first");
    expect(screen.getByRole("button", { name: "Write the plan" })).toHaveProperty("disabled", true);
  });

  it("keeps what was written", async () => {
    await show();
    await userEvent.type(screen.getByRole("textbox", { name: "What to mind" }), "番頭 👍");
    expect(localStorage.getItem("banto.new-plan.t")).toContain("番頭 👍");
  });
});
