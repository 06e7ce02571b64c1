/** The longest message that the server takes, in characters. */
const limit = 32_000;

/** How many characters may still be added; negative when there are too many. */
export function charactersLeft(text: string): number {
  // Surrogate pairs are one character; counting them matters only near the limit.
  if (text.length < limit - 2_000) {
    return limit - text.length;
  }
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return limit - count;
}

/**
 * The text as it is sent: with line feeds only, and without the control
 * characters that come along when something is pasted. Empty when only white
 * space would be sent.
 */
export function sendable(text: string): string {
  if (text.trim() === "") {
    return "";
  }
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(/(?![\t\n])\p{Cc}/gu, "");
}

/**
 * Whether a key belongs to an input method, for which Enter takes a suggestion.
 * Safari ends the composition before it reports that Enter, so `isComposing` is
 * false there and only the key code 229 tells.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
