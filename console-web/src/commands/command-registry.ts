import type { Command } from "./command";

/**
 * The commands of the pages and parts that are shown now. The palette, the keys
 * and the sheet of shortcuts all read here, so that none of them can know one
 * that the others do not.
 */
export class CommandRegistry {
  readonly #contributions = new Map<symbol, readonly Command[]>();
  readonly #listeners = new Set<() => void>();
  #commands: readonly Command[] = [];

  /** Offers commands until the returned function is called. */
  add(commands: readonly Command[]): () => void {
    const key = Symbol("commands");
    this.#contributions.set(key, commands);
    this.#change();
    return () => {
      this.#contributions.delete(key);
      this.#change();
    };
  }

  /** Where two have the same id, the one that came last holds. */
  get commands(): readonly Command[] {
    return this.#commands;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #change(): void {
    this.#commands = [...new Map([...this.#contributions.values()].flat().map((command) => [command.id, command])).values()];
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
