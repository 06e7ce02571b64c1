import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { loadDraft, saveDraft } from "../conversation/drafts";
import { CompanionConversation } from "../gen/banto/v1/companion_conversation_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { renderConsole } from "../testing/render-console";
import { Composer } from "./composer";

interface Sent {
  readonly text: string;
  readonly id: string;
}

function service(sent: Sent[], answer: () => ConnectError | undefined = () => undefined) {
  return (router: ConnectRouter) => {
    router.service(CompanionConversation, {
      sendMessage(request) {
        sent.push({ text: request.text, id: request.clientMessageId });
        const error = answer();
        if (error) {
          throw error;
        }
        return {};
      },
    });
  };
}

const refused = new ConnectError("the Companion is stopped", Code.Unavailable, undefined, [
  { desc: ErrorInfoSchema, value: { reason: "COMPANION_UNAVAILABLE", metadata: { cause: "no key" } } },
]);

const idle = { conversationId: "c1", blocked: false, running: undefined, onSent: () => undefined };
const message = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });

describe("Composer", () => {
  it("sends with Enter and is empty afterwards", async () => {
    const sent: Sent[] = [];
    const onSent = vi.fn<(id: string) => void>();
    await renderConsole(<Composer {...idle} onSent={onSent} />, service(sent));
    await userEvent.type(message(), "hello{Shift>}{Enter}{/Shift}there{Enter}");
    await waitFor(() => expect(onSent).toHaveBeenCalledExactlyOnceWith("c1"));
    expect(sent.map(({ text }) => text)).toEqual(["hello\nthere"]);
    expect(message().value).toBe("");
    expect(localStorage).toHaveLength(0);
  });

  it.each([
    ["while composing", { isComposing: true }],
    ["that ends a composition in Safari", { keyCode: 229 }],
  ])("does not send with an Enter %s", async (_, init) => {
    const sent: Sent[] = [];
    await renderConsole(<Composer {...idle} />, service(sent));
    await userEvent.type(message(), "ばんとう");
    fireEvent.keyDown(message(), { key: "Enter", ...init });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(sent).toEqual([]);
    expect(message().value).toBe("ばんとう");
  });

  it("does not send white space alone, nor too much", async () => {
    await renderConsole(<Composer {...idle} />, service([]));
    fireEvent.change(message(), { target: { value: " \n\t " } });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send" }).disabled).toBe(true);
    expect(screen.queryByText(/characters/)).toBeNull();
    fireEvent.change(message(), { target: { value: "x".repeat(31_500) } });
    expect(screen.getByText("500 characters left")).toBeTruthy();
    fireEvent.change(message(), { target: { value: "x".repeat(32_001) } });
    expect(screen.getByText("1 character too many")).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send" }).disabled).toBe(true);
  });

  it("keeps the draft when it is refused, and says why", async () => {
    await renderConsole(<Composer {...idle} />, service([], () => refused));
    await userEvent.type(message(), "hello{Enter}");
    expect((await screen.findByRole("alert")).textContent).toBe("Not sent. The Companion cannot answer: no key");
    expect(message().value).toBe("hello");
    expect(loadDraft(localStorage, "c1").text).toBe("hello");
    expect(screen.queryByText(/may have arrived/)).toBeNull();
  });

  it("sends a draft that may have arrived under the same id", async () => {
    const attempt = { text: "hello", clientMessageId: "m1", requestId: "r1" };
    saveDraft(localStorage, "c1", { text: "hello", attempt, uncertain: true });
    const sent: Sent[] = [];
    await renderConsole(<Composer {...idle} />, service(sent));
    expect(screen.getByText(/may have arrived already/)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(sent).toEqual([{ text: "hello", id: "m1" }]));
  });

  it("stops instead of sending while a turn runs", async () => {
    const stop = vi.fn<() => void>();
    const sent: Sent[] = [];
    await renderConsole(<Composer {...idle} running={{ stopping: false, stop }} />, service(sent));
    await userEvent.type(message(), "next{Enter}");
    expect(screen.queryByRole("button", { name: "Send" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(stop).toHaveBeenCalledOnce();
    expect(sent).toEqual([]);
    expect(message().value).toBe("next");
  });

  it("takes a draft but does not send while the Companion is out of work", async () => {
    const sent: Sent[] = [];
    await renderConsole(<Composer {...idle} blocked />, service(sent));
    await userEvent.type(message(), "later{Enter}");
    expect(sent).toEqual([]);
    expect(loadDraft(localStorage, "c1").text).toBe("later");
  });
});
