import { MessageRole, type TranscriptItem } from "../gen/banto/v1/companion_conversation_pb";
import { longestDescription } from "./autosave";

/** A conversation as the description of a task: what was said, by whom, in order. */
export function conversationText(
  items: readonly TranscriptItem[],
  names: { readonly user: string; readonly assistant: string },
): string {
  const said = items
    .filter(({ superseded, text }) => !superseded && text.trim() !== "")
    .map(({ role, text }) => `**${role === MessageRole.USER ? names.user : names.assistant}:** ${text.trim()}\n`);
  const whole = said.join("\n");
  // A cut in the middle of a surrogate pair would be no text.
  return whole.length <= longestDescription ? whole : Array.from(whole).slice(0, longestDescription).join("");
}
