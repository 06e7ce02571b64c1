import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { browserTransport, createClients } from "./api/clients";
import { platformName, takeLaunchCode, tradeLaunchCode } from "./api/launch";
import { Session } from "./api/session";
import { preferredLanguage, startLanguage } from "./i18n/language";
import { App } from "./shell/app";
import { followUpgrades } from "./shell/upgrade";
import { onThemeStorage } from "./theme/theme";
import "./styles.css";
import "./ui/overlays.css";

// First of all: the code must not stay where it can be read.
const launchCode = takeLaunchCode(window);
const session = new Session(localStorage);
const transport = browserTransport(session, { unary: true });
addEventListener("storage", session.onStorage);
addEventListener("storage", onThemeStorage);
followUpgrades(window);

async function launch(code: string): Promise<void> {
  try {
    const { secret, tokenId } = await tradeLaunchCode(transport, code, platformName(navigator));
    session.signIn(secret, tokenId);
  } catch {
    // A link that was opened a second time is no reason to sign out.
    if (session.token() === undefined) {
      session.signOut("launch-failed");
    }
  }
}

// In a tab that shows the console already, a link changes the fragment alone.
addEventListener("hashchange", () => {
  const code = takeLaunchCode(window);
  if (code !== undefined) {
    void launch(code);
  }
});

/** Not awaited at the top: what is loaded meanwhile imports from the same file as this. */
async function start(): Promise<void> {
  await Promise.all([
    startLanguage(preferredLanguage(localStorage, navigator.languages)),
    launchCode === undefined ? undefined : launch(launchCode),
  ]);
  const root = document.getElementById("root");
  if (root !== null) {
    createRoot(root).render(
      <StrictMode>
        <App session={session} clients={createClients(transport)} />
      </StrictMode>,
    );
  }
}

void start();
