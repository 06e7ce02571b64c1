import { type Transport, createClient } from "@connectrpc/connect";

/**
 * Takes the one-use code out of `#launch=CODE` and out of the address bar and
 * the history, before anything else can read it there.
 */
export function takeLaunchCode(window: Window): string | undefined {
  const fragment = new URLSearchParams(window.location.hash.slice(1));
  const code = fragment.get("launch");
  if (code === null) {
    return undefined;
  }
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  return code === "" ? undefined : code;
}

export interface OwnToken {
  readonly secret: string;
  readonly tokenId: string | undefined;
}

/** Trades a launch code for a token of this browser's own. */
export async function tradeLaunchCode(transport: Transport, code: string, platform: string): Promise<OwnToken> {
  // Only whoever comes by a link needs it on the way in.
  const { Settings, TokenScope } = await import("../gen/banto/v1/settings_pb");
  const { secret, token } = await createClient(Settings, transport).createToken(
    { name: `Console on ${platform}`.slice(0, 100), scope: TokenScope.ALL },
    { headers: { authorization: `Launch ${code}` } },
  );
  return { secret, tokenId: token?.tokenId };
}

/** A word for this browser's platform that a person recognises in a list. */
export function platformName(navigator: Navigator): string {
  const hinted = (navigator as Navigator & { userAgentData?: { platform?: string } }).userAgentData?.platform;
  if (hinted !== undefined && hinted !== "") {
    return hinted;
  }
  const agent = navigator.userAgent;
  for (const name of ["Android", "iPhone", "iPad", "Windows", "Mac", "Linux"]) {
    if (agent.includes(name)) {
      return name;
    }
  }
  return "an unknown platform";
}
