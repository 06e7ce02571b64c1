import type { AuditHead } from "../gen/banto/v1/audit_log_pb";

/** The end of a chain, as it is copied and kept. */
export function headText({ sequence, hash, seal }: Pick<AuditHead, "sequence" | "hash" | "seal">): string {
  return JSON.stringify({ sequence: String(sequence), hash, seal });
}

/** Reads what was kept. Undefined: it is no end of a chain. */
export function parseHead(text: string): { readonly sequence: bigint; readonly hash: string; readonly seal: string } | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const sequence = String(value?.["sequence"]);
    const hash = value?.["hash"];
    const seal = value?.["seal"] ?? "";
    return /^\d{1,19}$/.test(sequence) && typeof hash === "string" && /^[\da-f]{64}$/.test(hash) && typeof seal === "string" ? { sequence: BigInt(sequence), hash, seal } : undefined;
  } catch {
    return undefined;
  }
}
