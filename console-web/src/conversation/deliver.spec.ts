import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { CompanionConversation } from "../gen/banto/v1/companion_conversation_pb";
import { deliver } from "./deliver";
import { attemptFor, loadDraft, saveDraft } from "./drafts";

const attempt = { text: "hi", clientMessageId: "m1", requestId: "r1" };
const noWait = () => Promise.resolve();

function server(answers: (ConnectError | "ok")[]) {
  const sent: string[] = [];
  const transport = createRouterTransport((router) => {
    router.service(CompanionConversation, {
      createConversation(request) {
        sent.push(`create ${request.requestId}`);
        return { conversation: { conversationId: "c1" } };
      },
      sendMessage(request) {
        sent.push(`send ${request.conversationId} ${request.clientMessageId} ${request.text}`);
        const answer = answers.shift() ?? "ok";
        if (answer instanceof ConnectError) {
          throw answer;
        }
        return {};
      },
    });
  });
  return { sent, clients: { conversations: createClient(CompanionConversation, transport) } };
}

describe("deliver", () => {
  it("creates the conversation that a first message needs", async () => {
    const { sent, clients } = server(["ok"]);
    expect(await deliver(clients, undefined, attempt, noWait)).toBe("c1");
    expect(sent).toEqual(["create r1", "send c1 m1 hi"]);
  });

  it("repeats a call whose answer was lost, with the same id", async () => {
    const { sent, clients } = server([new ConnectError("gone", Code.Unavailable), "ok"]);
    await deliver(clients, "c7", attempt, noWait);
    expect(sent).toEqual(["send c7 m1 hi", "send c7 m1 hi"]);
  });

  it("does not repeat what was refused, and gives up in the end", async () => {
    const refusing = server([new ConnectError("empty", Code.InvalidArgument)]);
    await expect(deliver(refusing.clients, "c7", attempt, noWait)).rejects.toThrow("empty");
    expect(refusing.sent).toHaveLength(1);
    const gone = new ConnectError("gone", Code.Unavailable);
    const dead = server([gone, gone, gone, gone]);
    await expect(deliver(dead.clients, "c7", attempt, noWait)).rejects.toThrow("gone");
    expect(dead.sent).toHaveLength(3);
  });
});

describe("a draft", () => {
  let next = 0;
  const newId = () => `id${(next += 1)}`;

  it("survives in storage, also with the attempt to send it", () => {
    saveDraft(localStorage, "c1", { text: "half a th", attempt });
    expect(loadDraft(localStorage, "c1")).toEqual({ text: "half a th", attempt });
    saveDraft(localStorage, "c1", { text: "" });
    expect(localStorage).toHaveLength(0);
  });

  it("that is damaged is an empty one", () => {
    localStorage.setItem("banto.draft.c1", "{");
    expect(loadDraft(localStorage, "c1")).toEqual({ text: "" });
  });

  it("keeps its ids while its text is the same", () => {
    const first = attemptFor({ text: "a" }, newId);
    expect(attemptFor({ text: "a", attempt: first }, newId)).toBe(first);
    const edited = attemptFor({ text: "b", attempt: first }, newId);
    expect(edited.clientMessageId).not.toBe(first.clientMessageId);
    expect(edited.requestId).toBe(first.requestId);
  });
});
