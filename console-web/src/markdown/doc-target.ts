/** The address in the console of a page of the documentation. */
export interface DocTarget {
  readonly page: string;
  readonly anchor: string;
}

/** Where a link between pages goes, such as `models.md#the-guide`; undefined for any other link. */
export function docTarget(href: string, from?: string): DocTarget | undefined {
  const match = /^(?:(?<page>[a-z][a-z0-9-]*)\.md)?(?:#(?<anchor>[\p{L}\p{N}_-]+))?$/u.exec(safeDecode(href));
  const page = match?.groups?.["page"] ?? from;
  return match === null || href === "" || page === undefined ? undefined : { page, anchor: match.groups?.["anchor"] ?? "" };
}

export function docPath({ page, anchor }: DocTarget): string {
  return `/docs/${page}${anchor === "" ? "" : `#${anchor}`}`;
}

/** Reads what docPath wrote. */
export function docFromPath(path: string): DocTarget | undefined {
  const match = /^\/docs\/(?<page>[a-z][a-z0-9-]*)(?:#(?<anchor>.+))?$/u.exec(safeDecode(path));
  const page = match?.groups?.["page"];
  return page === undefined ? undefined : { page, anchor: match?.groups?.["anchor"] ?? "" };
}

/** The page of a document as a citation names it: `models.md`. */
export function pageOfDocument(document: string): string {
  return document.replace(/\.md$/, "");
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
