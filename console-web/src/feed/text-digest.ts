/**
 * Whether `text` has this SHA-256. Where the page may not compute one (plain
 * HTTP on another host is no secure context) the length has to be enough.
 */
export async function matchesDigest(text: string, sha256: string): Promise<boolean> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined || sha256 === "") {
    return true;
  }
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === sha256;
}
