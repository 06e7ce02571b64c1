import { createContext, startTransition, use, useEffect, useState, useSyncExternalStore } from "react";
import type { Clients } from "../api/clients";
import type { Session, SessionState } from "../api/session";
import type { Deletions } from "../conversation/deletions";
import type { Connection, Feed } from "../feed/feed";
import { type Subject, type Views, type Watched, loading, subjectName } from "../feed/subjects";
import { onNextFrame } from "./next-frame";

/** What every page of a signed-in console stands on. */
export interface Console {
  readonly session: Session;
  readonly clients: Clients;
  readonly feed: Feed;
  readonly deletions: Deletions;
}

export const ConsoleContext = createContext<Console | undefined>(undefined);

export function useConsole(): Console {
  const console = use(ConsoleContext);
  if (console === undefined) {
    throw new Error("no console above this component");
  }
  return console;
}

export function useSession(session: Session): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}

export function useConnection(): Connection {
  const { feed } = useConsole();
  return useSyncExternalStore(
    (listener) => feed.onConnection(listener),
    () => feed.connection,
  );
}

/**
 * The view of a subject. However many updates arrive, the page is drawn at most
 * once per animation frame.
 */
export function useWatched<S extends Subject>(subject: S): Watched<Views[S["kind"]]> {
  const { feed } = useConsole();
  const name = subjectName(subject);
  const [state, setState] = useState<{ name: string; watched: Watched }>({ name, watched: loading });
  useEffect(() => {
    let latest: Watched = loading;
    let cancel: (() => void) | undefined;
    let first = true;
    const show = () => {
      cancel = undefined;
      setState({ name, watched: latest });
    };
    const leave = feed.watch(subject, (watched) => {
      latest = watched;
      if (first) {
        first = false;
        show();
      } else {
        // A key that is pressed meanwhile comes first.
        cancel ??= onNextFrame(() => startTransition(show));
      }
    });
    return () => {
      leave();
      cancel?.();
    };
    // A subject is known by its name.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [feed, name]);
  // A subject's view is of its own kind, and never that of the subject before.
  return (state.name === name ? state.watched : loading) as Watched<Views[S["kind"]]>;
}
