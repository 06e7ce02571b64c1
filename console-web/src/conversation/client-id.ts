/**
 * A random id of 128 bits. `crypto.randomUUID` exists only in a secure context,
 * and a console over plain HTTP has to send messages as well.
 */
export function clientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
