import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it } from "vitest";
import { Settings } from "../gen/banto/v1/settings_pb";
import { TaskSchema, Tasks } from "../gen/banto/v1/tasks_pb";
import { FinderMode, Workflows } from "../gen/banto/v1/workflows_pb";
import { Workspaces } from "../gen/banto/v1/workspaces_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { startLanguage } from "../i18n/language";
import { addTaskTexts } from "../i18n/task-texts";
import { DescriptionSaver } from "../tasks/description-saver";
import { TaskContext } from "../tasks/task-context";
import { renderConsole } from "../testing/render-console";
import { StartFinder } from "./start-finder";

const task = create(TaskSchema, { taskId: "t", workspaceId: "w", description: "Sort the list", descriptionVersion: 1n });
beforeAll(async () => {
  await startLanguage("en");
  addTaskTexts();
});

const reasoned = (reason: string, metadata: Record<string, string> = {}) =>
  new ConnectError("refused", Code.FailedPrecondition, undefined, [{ desc: ErrorInfoSchema, value: { reason, domain: "banto.v1", metadata } }]);

async function show(refuse: (granted: boolean) => ConnectError | undefined) {
  const calls: string[] = [];
  let granted = false;
  const never = () => Promise.reject(new Error("nothing was written"));
  const saver = new DescriptionSaver(task, { tasks: { updateTask: never, getTask: never }, storage: localStorage });
  await renderConsole(
    <TaskContext value={{ task, saver }}>
      <StartFinder />
    </TaskContext>,
    (router) => {
      router.service(Tasks, {});
      router.service(Settings, { listProviders: () => ({ providers: [{ providerId: "openai", host: "api.openai.com" }] }) });
      router.service(Workspaces, {
        grantProvider: ({ workspaceId, providerId }) => {
          granted = true;
          calls.push(`grant ${providerId} to ${workspaceId}`);
          return {};
        },
      });
      router.service(Workflows, {
        startFileFinder: ({ mode }) => {
          calls.push(`start ${mode === FinderMode.ASSISTED ? "assisted" : mode}`);
          const refusal = refuse(granted);
          if (refusal) {
            throw refusal;
          }
          return { workflow: { workflowId: "f" } };
        },
      });
    },
  );
  return { calls };
}

const start = async () => {
  await userEvent.click(screen.getByRole("radio", { name: /a model judges/ }));
  await userEvent.click(screen.getByRole("button", { name: "Find files" }));
};

describe("StartFinder", () => {
  it("asks for consent where it is missing, and starts again once it is given", async () => {
    const { calls } = await show((granted) => (granted ? undefined : reasoned("CONSENT_REQUIRED", { provider_id: "openai" })));
    await start();
    const dialog = await screen.findByRole("dialog", { name: "Send contents to openai?" });
    expect(dialog.textContent).toContain("are never sent");
    expect(calls).toEqual(["start assisted"]);
    await userEvent.click(screen.getByRole("button", { name: "Allow and go on" }));
    await waitFor(() => expect(calls).toEqual(["start assisted", "grant openai to w", "start assisted"]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("sends nothing when a person thinks better of it", async () => {
    const { calls } = await show(() => reasoned("CONSENT_REQUIRED", { provider_id: "openai" }));
    await start();
    await screen.findByRole("dialog");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(calls).toEqual(["start assisted"]);
  });

  it("says how to connect a model where one is needed", async () => {
    await show(() => reasoned("MODEL_REQUIRED"));
    await start();
    expect((await screen.findByRole("alert")).textContent).toContain("This needs a model");
    expect(screen.getByRole("link", { name: "How to connect a model" })).toBeTruthy();
  });
});
