/**
 * The anchors of a page's headings, as the server's citations name them: lower
 * case, letters, digits, `-` and `_` kept, spaces turned into `-`, a number
 * where one repeats.
 */
export function headingAnchors(): (heading: string) => string {
  const taken = new Map<string, number>();
  return (heading) => {
    const anchor = heading
      .replaceAll(/[`*]/g, "")
      .trim()
      .toLowerCase()
      .replaceAll(" ", "-")
      .replaceAll(/[^\p{Alphabetic}\p{N}_-]/gu, "");
    const times = taken.get(anchor) ?? 0;
    taken.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  };
}
