/** Why the sign-in page is shown. */
export type SignedOutCause = "none" | "refused" | "launch-failed" | "signed-out";

export interface SessionState {
  /** The bearer token. Undefined: signed out. */
  readonly token: string | undefined;
  readonly cause: SignedOutCause;
}

const key = "banto.token";
/** Id of that token, where this browser was told it: one that was pasted has none. */
const idKey = "banto.token-id";

/**
 * The access token of this origin. It is kept in localStorage, so that every
 * tab has it and a restart of the browser does not ask again; the server's
 * content-security-policy keeps foreign script away from it.
 */
export class Session {
  #state: SessionState;
  readonly #storage: Storage;
  readonly #listeners = new Set<() => void>();

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#state = { token: storage.getItem(key) ?? undefined, cause: "none" };
  }

  get state(): SessionState {
    return this.#state;
  }

  token(): string | undefined {
    return this.#state.token;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Follows what another tab did; call it on the window's `storage` event. */
  readonly onStorage = (event: StorageEvent): void => {
    if (event.key === key && event.newValue !== (this.#state.token ?? null)) {
      this.#set({ token: event.newValue ?? undefined, cause: event.newValue === null ? "signed-out" : "none" });
    }
  };

  /** Known for a token that this browser created itself. */
  tokenId(): string | undefined {
    return this.#storage.getItem(idKey) ?? undefined;
  }

  signIn(token: string, tokenId?: string): void {
    if (tokenId === undefined) {
      this.#storage.removeItem(idKey);
    } else {
      this.#storage.setItem(idKey, tokenId);
    }
    this.#storage.setItem(key, token);
    this.#set({ token, cause: "none" });
  }

  signOut(cause: SignedOutCause): void {
    this.#storage.removeItem(key);
    this.#storage.removeItem(idKey);
    this.#set({ token: undefined, cause });
  }

  /**
   * The server refused `token`. An answer that comes late, when another token
   * is in use, says nothing about that one.
   */
  refused(token: string): void {
    if (token === this.#state.token) {
      this.signOut("refused");
    }
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
