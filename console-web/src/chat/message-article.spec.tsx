import { create } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FailureKind, RunState } from "../gen/banto/v1/common_pb";
import { MessageRole, TranscriptItemSchema, TurnSchema } from "../gen/banto/v1/companion_conversation_pb";
import { AnswerSource } from "../gen/banto/v1/worker_pb";
import { renderConsole } from "../testing/render-console";
import { MessageArticle } from "./message-article";

async function show(
  item: MessageInitShape<typeof TranscriptItemSchema>,
  turn?: MessageInitShape<typeof TurnSchema>,
): Promise<HTMLElement> {
  await renderConsole(
    <MessageArticle
      item={create(TranscriptItemSchema, item)}
      turn={turn && create(TurnSchema, turn)}
      marked={false}
      onEdit={() => undefined}
      onMakeTask={() => undefined}
      onRegenerate={() => undefined}
    />,
    () => undefined,
  );
  return screen.getByRole("article");
}

const reply = { role: MessageRole.ASSISTANT, state: RunState.COMPLETED, text: "An answer." };

describe("MessageArticle", () => {
  it("shows a person's text as it was written", async () => {
    const article = await show({ role: MessageRole.USER, state: RunState.COMPLETED, text: "**a**\n<b>b</b>" });
    expect(article.dataset["role"]).toBe("user");
    expect(article.querySelector(".message-text")?.textContent).toBe("**a**\n<b>b</b>");
    within(article).getByRole("button", { name: "Edit message" });
  });

  it("says what is unknown of a reply's cost", async () => {
    const article = await show(reply, { answerSource: AnswerSource.MODEL, model: "m-1", usage: { outputTokens: 7n } });
    expect(article.querySelector(".usage")?.textContent).toBe("m-1 · unknown in, 7 out · cost unknown");
  });

  it("says plainly that the guide answered, and on what it rests", async () => {
    const article = await show(
      { ...reply, citations: [{ document: "models.md", heading: "Models", anchor: "models" }] },
      { answerSource: AnswerSource.GUIDE },
    );
    expect(within(article).getByText("Guide")).toBeTruthy();
    expect(within(article).getByRole("listitem").textContent).toBe("Models docs/models.md");
    expect(article.querySelector(".usage")).toBeNull();
  });

  it("shows why a reply failed, and one way to try again", async () => {
    const article = await show(
      { ...reply, state: RunState.PROVIDER_FAILED },
      { failure: { kind: FailureKind.NETWORK, message: "cut off" } },
    );
    expect(article.dataset["state"]).toBe("provider_failed");
    expect(within(article).getByTestId("turn-end").textContent).toContain("The connection to the provider failed.Cut off");
    expect(within(article).getAllByRole("button", { name: "Retry" })).toHaveLength(1);
  });

  it("keeps an earlier reply folded away, without commands on it", async () => {
    const article = await show({ ...reply, superseded: true }, {});
    expect(article.querySelector("details")?.open).toBe(false);
    expect(within(article).queryByRole("button", { name: "Regenerate" })).toBeNull();
  });

  it("is busy while it is written", async () => {
    const article = await show({ ...reply, state: RunState.RUNNING, text: "" }, {});
    expect(article.getAttribute("aria-busy")).toBe("true");
    expect(article.dataset["state"]).toBe("running");
  });
});
