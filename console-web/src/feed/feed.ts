import type { Subject, UpdateKind, Watched } from "./subjects";

/** How the one stream is doing. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live"; readonly serverBuild: string }
  | { readonly state: "reconnecting"; readonly message: string }
  /** Closed on purpose: the tab is hidden, or nobody is signed in. */
  | { readonly state: "paused" };

/**
 * Told where a subject stands. With an `update`, `watched` is what was there
 * before plus that update; without one it is to be taken whole.
 */
export type Watcher = (watched: Watched, update?: UpdateKind) => void;

/** The live side of the server, however many tabs share it. */
export interface Feed {
  readonly connection: Connection;
  onConnection(listener: (connection: Connection) => void): () => void;
  /** Tells `watcher` at once where the subject stands, then each change. */
  watch(subject: Subject, watcher: Watcher): () => void;
  /** Try to connect now instead of waiting out the pause. */
  retryNow(): void;
}
