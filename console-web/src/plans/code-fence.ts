/** Longer code is shown without colours. */
const longestColoured = 40_000;

/** Code as a block of Markdown, whatever it holds; undefined where it is too long to be coloured. */
export function codeFence(code: string, path: string): string | undefined {
  if (code.length > longestColoured) {
    return undefined;
  }
  const longest = (code.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = "`".repeat(longest + 1);
  const extension = /\.([a-z0-9]{1,10})$/i.exec(path)?.[1] ?? "";
  return `${fence}${extension}\n${code.replace(/^\n/, "").replace(/\n?$/, "\n")}${fence}`;
}
