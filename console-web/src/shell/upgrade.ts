/** One reload for each build that the server came to have: never a loop. */
const key = "banto.reloaded-for";

const holds = new Set<symbol>();
let composing = false;
let due: (() => void) | undefined;
/** The build for which this page is being left. */
let leaving: string | undefined;

/** Keeps the page from being reloaded while it shows what could not be shown again. */
export function holdReload(): () => void {
  const hold = Symbol("hold");
  holds.add(hold);
  return () => {
    holds.delete(hold);
    reloadIfFree();
  };
}

function reloadIfFree(): void {
  if (due !== undefined && holds.size === 0 && !composing) {
    const reload = due;
    due = undefined;
    reload();
  }
}

/** The build that the server has now; undefined where that cannot be learned. */
export async function serverBuild(): Promise<string | undefined> {
  try {
    const response = await fetch("/build.json", { cache: "no-store" });
    const answer: unknown = response.ok ? await response.json() : undefined;
    return typeof answer === "object" && answer !== null && "build" in answer && typeof answer.build === "string"
      ? answer.build
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the server's console where it is another one, once. What somebody has
 * written is stored with every keystroke; what an input method has in hand is
 * not, so its end is waited for.
 */
export async function takeNewBuild(storage: Storage, reload: () => void, ask = serverBuild): Promise<boolean> {
  const build = await ask();
  if (build !== undefined && build === leaving) {
    return true;
  }
  if (build === undefined || build === __BUILD_ID__ || storage.getItem(key) === build) {
    return false;
  }
  due = () => {
    storage.setItem(key, build);
    leaving = build;
    reload();
  };
  reloadIfFree();
  return true;
}

/** A page whose files did not come, and no new build to explain it. */
export class FilesMissing extends Error {
  override readonly name = "FilesMissing";
}

/**
 * Loads a part of the console. The build that it belongs to may be gone from the
 * server: then the page is left for the new one, and nothing is shown meanwhile.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (await takeNewBuild(window.sessionStorage, () => window.location.reload())) {
      return new Promise(() => undefined);
    }
    throw new FilesMissing("a part of the page could not be loaded", { cause });
  }
}

/** Listens for what holds a reload up, and for files that a new build took away. */
export function followUpgrades(window: Window): void {
  const reload = () => window.location.reload();
  window.addEventListener("compositionstart", () => (composing = true), true);
  window.addEventListener(
    "compositionend",
    () => {
      composing = false;
      // The field takes the text after this event.
      setTimeout(reloadIfFree, 100);
    },
    true,
  );
  window.addEventListener("vite:preloadError", () => void takeNewBuild(window.sessionStorage, reload));
}
