const schemes: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

export interface LinkTarget {
  readonly href: string;
  /** Where the link goes, as a person checks it: a host, or a mail address. */
  readonly shown: string;
}

/**
 * The target of a link that somebody else wrote, or undefined when it is not
 * one to follow: another scheme, or a path that would be one of our own pages.
 */
export function linkTarget(href: string): LinkTarget | undefined {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return undefined;
  }
  if (!schemes.has(url.protocol)) {
    return undefined;
  }
  // URL writes hosts in ASCII, so a look-alike letter shows as `xn--`.
  const shown = url.protocol === "mailto:" ? decodeURIComponentSafely(url.pathname) : url.host;
  return shown === "" ? undefined : { href: url.href, shown };
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
