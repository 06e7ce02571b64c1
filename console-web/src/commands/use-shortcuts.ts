import { use, useEffect } from "react";
import { KeySequence, keyOf, modalOpen, singleKeys, takesText } from "./keys";
import { CommandContext } from "./use-commands";

/** Runs commands by their keys, on the whole page. */
export function useShortcuts(): void {
  const registry = use(CommandContext);
  useEffect(() => {
    const sequence = new KeySequence();
    const onKeyDown = (event: KeyboardEvent) => {
      const key = event.defaultPrevented ? undefined : keyOf(event);
      if (key === undefined) {
        return;
      }
      const single = !key.startsWith("mod+");
      if (modalOpen(document) || (single && (takesText(event.target) || !singleKeys(localStorage)))) {
        sequence.forget();
        return;
      }
      const meanings = sequence.add(key, event.timeStamp);
      const command = meanings
        .map((meaning) => registry.commands.find(({ keys }) => keys === meaning))
        .find((found) => found !== undefined);
      if (command !== undefined) {
        sequence.forget();
        event.preventDefault();
        command.run();
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [registry]);
}
