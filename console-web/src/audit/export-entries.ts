import { createClient } from "@connectrpc/connect";
import { type TokenSource, browserTransport } from "../api/clients";

/** Reads the whole log as lines of JSON, the oldest first. `onCount` is told how many there are by now. */
export async function exportEntries(tokens: TokenSource, onCount: (count: number) => void, signal: AbortSignal): Promise<string> {
  const { AuditLog } = await import("../gen/banto/v1/audit_log_pb");
  // A stream has no end in time, which the page's own way of calling would set it.
  const client = createClient(AuditLog, browserTransport(tokens, { unary: false }));
  const lines: string[] = [];
  for await (const { jsonLine } of client.exportEntries({}, { signal })) {
    lines.push(jsonLine);
    if (lines.length % 100 === 0) {
      onCount(lines.length);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}
