import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";
import { CompanionConversation } from "../gen/banto/v1/companion_conversation_pb";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { Deletions } from "./deletions";

const refusal = (reason: string, code: Code, metadata: Record<string, string> = {}) =>
  new ConnectError("no", code, undefined, [{ desc: ErrorInfoSchema, value: { reason, metadata } }]);

function deletions(answers: (ConnectError | undefined)[] = []) {
  const calls: string[] = [];
  const transport = createRouterTransport((router) => {
    router.service(CompanionConversation, {
      deleteConversation({ conversationId }) {
        calls.push(`delete ${conversationId}`);
        const answer = answers.shift();
        if (answer) {
          throw answer;
        }
        return {};
      },
      cancelTurn({ turnId }) {
        calls.push(`cancel ${turnId}`);
        return {};
      },
    });
  });
  return { calls, deletions: new Deletions(createClient(CompanionConversation, transport)) };
}

describe("Deletions", () => {
  it("hides at once and tells the server later, once", async () => {
    const { calls, deletions: pending } = deletions();
    const listener = vi.fn<() => void>();
    pending.subscribe(listener);
    pending.begin("c1");
    expect([...pending.hidden()]).toEqual(["c1"]);
    expect(listener).toHaveBeenCalledOnce();
    expect(calls).toEqual([]);
    await pending.carryOut("c1");
    await pending.carryOut("c1");
    expect(calls).toEqual(["delete c1"]);
    expect([...pending.hidden()]).toEqual(["c1"]);
  });

  it("never tells the server of what was undone", async () => {
    const { calls, deletions: pending } = deletions();
    pending.begin("c1");
    pending.undo("c1");
    await pending.carryOut("c1");
    pending.leave();
    expect([...pending.hidden()]).toEqual([]);
    expect(calls).toEqual([]);
  });

  it("stops a reply that is being written", async () => {
    const { calls, deletions: pending } = deletions([
      refusal("TURN_IN_PROGRESS", Code.FailedPrecondition, { active_turn_id: "t1" }),
    ]);
    pending.begin("c1");
    await pending.carryOut("c1");
    expect(calls).toEqual(["delete c1", "cancel t1", "delete c1"]);
  });

  it("shows again what the server keeps, and says why", async () => {
    const { deletions: pending } = deletions([refusal("SCOPE_DENIED", Code.PermissionDenied)]);
    pending.begin("c1");
    await expect(pending.carryOut("c1")).rejects.toMatchObject({ reason: "SCOPE_DENIED" });
    expect([...pending.hidden()]).toEqual([]);
  });

  it("is content when the conversation is gone already", async () => {
    const { deletions: pending } = deletions([refusal("CONVERSATION_NOT_FOUND", Code.NotFound)]);
    pending.begin("c1");
    await expect(pending.carryOut("c1")).resolves.toBeUndefined();
  });

  it("carries out what is undecided when the page goes", async () => {
    const { calls, deletions: pending } = deletions();
    pending.begin("c1");
    pending.begin("c2");
    pending.leave();
    await vi.waitFor(() => expect(calls.toSorted()).toEqual(["delete c1", "delete c2"]));
  });
});
