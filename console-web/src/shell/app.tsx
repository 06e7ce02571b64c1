import { RouterProvider } from "@tanstack/react-router";
import { Suspense, lazy, useEffect, useMemo, useState } from "react";
import type { Clients } from "../api/clients";
import type { Session } from "../api/session";
import { Deletions } from "../conversation/deletions";
import type { Feed } from "../feed/feed";
import { CommandRegistry } from "../commands/command-registry";
import { CommandContext } from "../commands/use-commands";
import { openFeed } from "../feed/open-feed";
import { ConsoleContext, useSession } from "./console-context";
import { createConsoleRouter } from "./router";
import { loadPart, takeNewBuild } from "./upgrade";

// Who is signed in needs it no more.
const SignInPage = lazy(async () => ({ default: (await loadPart(() => import("./sign-in-page"))).SignInPage }));

interface AppProps {
  readonly session: Session;
  readonly clients: Clients;
}

export function App({ session, clients }: AppProps) {
  const { token } = useSession(session);
  return token === undefined ? (
    <Suspense fallback={null}>
      <SignInPage session={session} />
    </Suspense>
  ) : (
    <SignedIn key={token} token={token} session={session} clients={clients} />
  );
}

function SignedIn({ token, session, clients }: AppProps & { readonly token: string }) {
  const [feed, setFeed] = useState<Feed>();
  const [router] = useState(createConsoleRouter);
  const [registry] = useState(() => new CommandRegistry());
  useEffect(() => {
    let close: (() => void) | undefined;
    let left = false;
    void openFeed(token, session).then((opened) => {
      if (left) {
        opened.close();
        return;
      }
      const leave = opened.feed.onConnection((connection) => {
        if (connection.state === "live") {
          // Whenever the stream stands again, it may be another server's.
          void takeNewBuild(sessionStorage, () => window.location.reload());
        }
      });
      close = () => {
        leave();
        opened.close();
      };
      setFeed(opened.feed);
    });
    return () => {
      left = true;
      close?.();
    };
  }, [token, session]);
  const [deletions] = useState(() => new Deletions(clients.conversations));
  useEffect(() => {
    addEventListener("pagehide", deletions.leave);
    return () => {
      removeEventListener("pagehide", deletions.leave);
      deletions.leave();
    };
  }, [deletions]);
  const console = useMemo(
    () => (feed === undefined ? undefined : { session, clients, feed, deletions }),
    [session, clients, feed, deletions],
  );
  return (
    console && (
      <ConsoleContext value={console}>
        <CommandContext value={registry}>
          <RouterProvider router={router} />
        </CommandContext>
      </ConsoleContext>
    )
  );
}
