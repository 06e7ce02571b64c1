import type { Connection } from "./feed";
import type { Subject, UpdateKind, Watched } from "./subjects";

/**
 * What a tab and the SharedWorker say to each other. Everything is data that
 * structured clone carries: messages of proto3 are plain objects.
 */
export type FromTab =
  | {
      readonly type: "hello";
      /** A Web Lock that the tab holds for as long as it lives. */
      readonly lock: string;
      readonly token: string;
    }
  | { readonly type: "watch"; readonly subject: Subject }
  | { readonly type: "unwatch"; readonly name: string }
  | { readonly type: "retry" };

export type ToTab =
  | { readonly type: "connection"; readonly connection: Connection }
  | { readonly type: "refused"; readonly token: string }
  | { readonly type: "watched"; readonly name: string; readonly watched: Watched }
  | { readonly type: "update"; readonly name: string; readonly update: UpdateKind };

/** The part of a MessagePort that both ends use. */
export interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => unknown) | null;
}
