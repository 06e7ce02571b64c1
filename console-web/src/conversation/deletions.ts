import type { Clients } from "../api/clients";
import { CallFailure } from "../api/failure";

type Conversations = Pick<Clients["conversations"], "deleteConversation" | "cancelTurn">;

/**
 * Conversations that a person deleted and may still have back. They are hidden
 * here at once, and the server is told when the time for a change of mind is
 * over. A page that dies before leaves the conversation where it was, which is
 * the safe way to fail.
 */
export class Deletions {
  readonly #conversations: Conversations;
  #hidden: ReadonlySet<string> = new Set();
  readonly #undecided = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(conversations: Conversations) {
    this.#conversations = conversations;
  }

  /** Conversations that no list shows any more. */
  readonly hidden = (): ReadonlySet<string> => this.#hidden;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  begin(conversationId: string): void {
    this.#undecided.add(conversationId);
    this.#change(new Set(this.#hidden).add(conversationId));
  }

  undo(conversationId: string): void {
    this.#undecided.delete(conversationId);
    this.#show(conversationId);
  }

  /** Tells the server. A conversation that it keeps is shown again. */
  async carryOut(conversationId: string): Promise<void> {
    if (!this.#undecided.delete(conversationId)) {
      return;
    }
    try {
      await this.#delete(conversationId);
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      if (failure.notFound) {
        return;
      }
      this.#show(conversationId);
      throw failure;
    }
  }

  /** The page goes away: what is undecided is carried out, as well as may be. */
  readonly leave = (): void => {
    for (const conversationId of this.#undecided) {
      this.carryOut(conversationId).catch(() => undefined);
    }
  };

  /** Whoever deletes a conversation wants no reply in it either. */
  async #delete(conversationId: string): Promise<void> {
    try {
      await this.#conversations.deleteConversation({ conversationId });
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      const turnId = failure.metadata["active_turn_id"];
      if (!failure.is("TURN_IN_PROGRESS") || turnId === undefined) {
        throw failure;
      }
      await this.#conversations.cancelTurn({ turnId });
      await this.#conversations.deleteConversation({ conversationId });
    }
  }

  #show(conversationId: string): void {
    const hidden = new Set(this.#hidden);
    hidden.delete(conversationId);
    this.#change(hidden);
  }

  #change(hidden: ReadonlySet<string>): void {
    this.#hidden = hidden;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
