import { useCallback } from "react";
import { useConsole } from "../shell/console-context";
import { useLoaded } from "../ui/use-loaded";

/** The preferences and the providers, which choices of a model start from. */
export function useModelDefaults() {
  const { clients } = useConsole();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [{ preferences }, { providers }] = await Promise.all([
        clients.settings.getPreferences({}, { signal }),
        clients.settings.listProviders({}, { signal }),
      ]);
      return { preferences, providers };
    },
    [clients],
  );
  const { value, failure, loading } = useLoaded(load);
  return { preferences: value?.preferences, providers: value?.providers ?? [], failure, loading: loading && value === undefined };
}

/** The models that a provider lists. */
export function useModels(providerId: string) {
  const { clients } = useConsole();
  const load = useCallback(
    async (signal: AbortSignal) => ({
      providerId,
      names: providerId === "" ? [] : (await clients.settings.listModels({ providerId }, { signal })).models.map(({ modelId }) => modelId),
    }),
    [clients, providerId],
  );
  const { value, failure } = useLoaded(load);
  // Those of the provider before are none of this one's.
  return { names: value?.providerId === providerId ? value.names : [], failure };
}

/** Something that was chosen stays choosable, also when nobody offers it any more. */
export function withChosen(offered: readonly string[], chosen: string): readonly string[] {
  return chosen === "" || offered.includes(chosen) ? offered : [...offered, chosen];
}
