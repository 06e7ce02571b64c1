import { createContext, use, useEffect, useSyncExternalStore } from "react";
import type { Command } from "./command";
import { CommandRegistry } from "./command-registry";

/** A part that is shown by itself, as in a test, offers its commands to nobody. */
export const CommandContext = createContext(new CommandRegistry());

/** Offers commands while the component is shown. The list must be memoised. */
export function useCommands(commands: readonly Command[]): void {
  const registry = use(CommandContext);
  useEffect(() => registry.add(commands), [registry, commands]);
}

export function useAllCommands(): readonly Command[] {
  const registry = use(CommandContext);
  return useSyncExternalStore(registry.subscribe, () => registry.commands);
}
