import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { MessageRole, TranscriptItemSchema } from "../gen/banto/v1/companion_conversation_pb";
import { conversationText } from "./conversation-text";

const item = (role: MessageRole, text: string, superseded = false) => create(TranscriptItemSchema, { role, text, superseded });

describe("conversationText", () => {
  it("says who said what, without replies that were replaced", () => {
    const items = [
      item(MessageRole.USER, "Why is it slow? "),
      item(MessageRole.ASSISTANT, "No idea.", true),
      item(MessageRole.ASSISTANT, "Because of the linker."),
      item(MessageRole.ASSISTANT, ""),
    ];
    expect(conversationText(items, { user: "You", assistant: "Companion" })).toBe(
      "**You:** Why is it slow?\n\n**Companion:** Because of the linker.\n",
    );
  });

  it("is no longer than a task may be", () => {
    const text = conversationText([item(MessageRole.USER, "👍".repeat(120_000))], { user: "You", assistant: "Companion" });
    expect(Array.from(text)).toHaveLength(100_000);
    expect(text.endsWith("👍")).toBe(true);
  });
});
