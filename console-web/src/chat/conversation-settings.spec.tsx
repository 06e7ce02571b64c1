import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { CompanionConversation, ConversationSchema } from "../gen/banto/v1/companion_conversation_pb";
import { Settings } from "../gen/banto/v1/settings_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { renderConsole } from "../testing/render-console";
import { ConversationSettings } from "./conversation-settings";

const refusal = (reason: string, code: Code) =>
  new ConnectError("no", code, undefined, [{ desc: ErrorInfoSchema, value: { reason } }]);

/** A server on which somebody else changed the settings to `theirs` after version 1. */
function server(saved: unknown[], theirs?: { model?: string; language?: string }) {
  return (router: ConnectRouter) => {
    router.service(Settings, {
      getPreferences: () => ({ preferences: { companionModel: "m-1" } }),
      listProviders: () => ({ providers: [{ providerId: "openai", defaultModel: "m-0" }] }),
      listModels: () => ({ models: [{ modelId: "m-1" }, { modelId: "m-2" }] }),
      renderPrompt: ({ settings }) => ({ ref: { name: "companion/system", version: 1 }, text: `Do: ${settings?.instructions}` }),
    });
    router.service(CompanionConversation, {
      getTranscript: () => ({ conversation: { version: 2n, settings: theirs ?? {} } }),
      updateConversation({ expectedVersion, settings }) {
        if (theirs !== undefined && expectedVersion === 1n) {
          throw refusal("VERSION_CONFLICT", Code.Aborted);
        }
        const { providerId, model, language, instructions } = settings ?? {};
        saved.push({ expectedVersion, providerId, model, language, instructions });
        return {};
      },
    });
  };
}

const conversation = create(ConversationSchema, { conversationId: "c1", version: 1n });
const model = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Model" });

describe("ConversationSettings", () => {
  it("saves what was chosen, and takes a model that nobody lists", async () => {
    const saved: unknown[] = [];
    const onClose = vi.fn<() => void>();
    await renderConsole(<ConversationSettings conversation={conversation} onClose={onClose} />, server(saved));
    await waitFor(() => expect(model().placeholder).toBe("As in the preferences (m-1)"));
    await userEvent.type(model(), "my-own");
    await userEvent.type(screen.getByRole("textbox", { name: "Instructions" }), "Be brief.");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(saved).toEqual([
      { expectedVersion: 1n, providerId: "", model: "my-own", language: "", instructions: "Be brief." },
    ]);
  });

  it("offers the models of the provider, and takes one by keyboard", async () => {
    await renderConsole(<ConversationSettings conversation={conversation} onClose={() => undefined} />, server([]));
    await waitFor(() => expect(model().placeholder).toContain("m-1"));
    await userEvent.type(model(), "2");
    await userEvent.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(model().value).toBe("m-2"));
    expect(screen.getByRole("dialog")).toBeTruthy();
  });

  it("joins what two people changed, when they changed different things", async () => {
    const saved: unknown[] = [];
    const onClose = vi.fn<() => void>();
    await renderConsole(
      <ConversationSettings conversation={conversation} onClose={onClose} />,
      server(saved, { language: "ja" }),
    );
    await userEvent.type(model(), "mine");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(saved).toEqual([{ expectedVersion: 2n, providerId: "", model: "mine", language: "ja", instructions: "" }]);
  });

  it("asks where both changed the same, and loses nothing", async () => {
    const saved: unknown[] = [];
    await renderConsole(
      <ConversationSettings conversation={conversation} onClose={() => undefined} />,
      server(saved, { model: "theirs" }),
    );
    await userEvent.type(model(), "mine");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Model: theirs");
    expect(model().value).toBe("mine");
    expect(saved).toEqual([]);
    await userEvent.click(within(alert).getByRole("button", { name: "Take these" }));
    expect(model().value).toBe("theirs");
  });

  it("says what to do when the token is too small", async () => {
    await renderConsole(<ConversationSettings conversation={conversation} onClose={() => undefined} />, (router) => {
      server([])(router);
      router.service(CompanionConversation, {
        updateConversation() {
          throw refusal("SCOPE_DENIED", Code.PermissionDenied);
        },
      });
    });
    await userEvent.type(model(), "mine");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Sign in with a token of a wider scope");
    expect(model().value).toBe("mine");
  });

  it("shows the prompt that the choices make", async () => {
    await renderConsole(<ConversationSettings conversation={conversation} onClose={() => undefined} />, server([]));
    await userEvent.type(screen.getByRole("textbox", { name: "Instructions" }), "Be brief.");
    await userEvent.click(screen.getByRole("button", { name: "Show the prompt" }));
    await waitFor(() => expect(screen.getByRole("region", { name: "Prompt preview" }).textContent).toContain("Do: Be brief."));
  });
});
