import { type ConnectRouter, createRouterTransport } from "@connectrpc/connect";
import { RouterContextProvider, createMemoryHistory, createRootRoute, createRouter } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createClients } from "../api/clients";
import { Session } from "../api/session";
import { Deletions } from "../conversation/deletions";
import type { Connection, Feed } from "../feed/feed";
import { type Subject, type Watched, loading, subjectName } from "../feed/subjects";
import { startLanguage } from "../i18n/language";
import { ConsoleContext } from "../shell/console-context";

/** A feed whose views a test sets by hand. */
export class StillFeed implements Feed {
  connection: Connection = { state: "live", serverBuild: "test" };
  readonly #watched = new Map<string, Watched>();

  set(subject: Subject, watched: Watched): void {
    this.#watched.set(subjectName(subject), watched);
  }

  onConnection(): () => void {
    return () => undefined;
  }

  watch(subject: Subject, watcher: (watched: Watched) => void): () => void {
    watcher(this.#watched.get(subjectName(subject)) ?? loading);
    return () => undefined;
  }

  retryNow(): void {
    // Nothing is ever cut off.
  }
}

/** Shows a component as a signed-in console would, on in-memory services. */
export async function renderConsole(component: ReactNode, routes: (router: ConnectRouter) => void, feed = new StillFeed()) {
  await startLanguage("en");
  const clients = createClients(createRouterTransport(routes));
  const console = {
    session: new Session(localStorage),
    clients,
    feed,
    deletions: new Deletions(clients.conversations),
  };
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() });
  // It is not the console's own router, which would bring every page along.
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <RouterContextProvider router={router as never}>
      <ConsoleContext value={console}>{children}</ConsoleContext>
    </RouterContextProvider>
  );
  return render(component, { wrapper });
}
