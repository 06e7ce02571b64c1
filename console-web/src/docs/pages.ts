/** The pages of the documentation, in the order in which one would read them. */
export const pageNames = [
  "console",
  "companion",
  "workspaces",
  "tasks",
  "plans",
  "finder",
  "models",
  "configuration",
  "access",
  "audit",
  "api",
  "clients",
  "deployment",
  "performance",
  "troubleshooting",
  "ja",
] as const;

const files = import.meta.glob<string>("../../../docs/*.md", { query: "?raw", import: "default" });

const texts = new Map(Object.entries(files).map(([path, load]) => [nameOf(path), load]));

function nameOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.md$/, "");
}

/** Every page that there is: those that were put in order, then the rest. */
export const allPages: readonly string[] = [
  ...pageNames.filter((name) => texts.has(name)),
  ...[...texts.keys()].filter((name) => !(pageNames as readonly string[]).includes(name)).toSorted(),
];

/** The Markdown of a page; undefined when there is none of that name. */
export async function loadPage(name: string): Promise<string | undefined> {
  return texts.get(name)?.();
}

/** A page's title, and its first sentence. */
export function summary(text: string): { readonly title: string; readonly lead: string } {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const title = lines[0]?.replace(/^#\s+/, "") ?? "";
  const first = lines.slice(1).find((line) => /^[\p{L}`*[]/u.test(line)) ?? "";
  const plain = first.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "");
  const end = /[.。](?=\s|$|[^\s\w])/u.exec(plain);
  return { title, lead: end ? plain.slice(0, end.index + 1) : plain };
}
