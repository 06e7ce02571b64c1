import { useCallback } from "react";
import type { Provider } from "../gen/banto/v1/settings_pb";
import { useConsole } from "../shell/console-context";
import { type Loaded, useLoaded } from "../ui/use-loaded";

/** The providers that the server knows, in its order of preference. */
export function useProviders(): Loaded<readonly Provider[]> {
  const { clients } = useConsole();
  const load = useCallback(async (signal: AbortSignal) => (await clients.settings.listProviders({}, { signal })).providers, [clients]);
  return useLoaded<readonly Provider[]>(load);
}
