import { TokenScope } from "../gen/banto/v1/settings_pb";
import type { ScopeName } from "../ui/states";

/** The scopes of tokens, the narrowest first. */
export const scopes = [
  [TokenScope.READ, "read"],
  [TokenScope.CHAT, "chat"],
  [TokenScope.REVIEW, "review"],
  [TokenScope.ALL, "all"],
] as const satisfies readonly (readonly [TokenScope, ScopeName])[];

export function scopeKey(scope: TokenScope): ScopeName | "unknown" {
  return scopes.find(([value]) => value === scope)?.[1] ?? "unknown";
}
