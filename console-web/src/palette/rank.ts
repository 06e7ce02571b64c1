import { type Command, commandGroups } from "../commands/command";

/** A query's terms; width, case and compatibility forms do not matter. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** As many of a group as are shown while nothing is asked for. */
const idlePerGroup = 7;
const most = 60;

/**
 * The commands that contain every term of the query, the best first within
 * their group, and the group with the best one first. Without a query: some of
 * each group, in the groups' order.
 */
export function rank(commands: readonly Command[], query: string): readonly Command[] {
  const terms = fold(query).split(/\s+/).filter((term) => term !== "");
  const found = commands
    .filter(({ listed }) => listed !== false)
    .map((command, index) => ({ command, index, score: score(command, terms) }))
    .filter((candidate) => candidate.score > 0);
  const groups = commandGroups.map((group) => ({
    best: 0,
    members: found.filter(({ command }) => command.group === group).toSorted((a, b) => b.score - a.score || a.index - b.index),
  }));
  if (terms.length === 0) {
    return groups.flatMap(({ members }) => members.slice(0, idlePerGroup)).map(({ command }) => command);
  }
  return groups
    .toSorted((a, b) => (b.members[0]?.score ?? 0) - (a.members[0]?.score ?? 0))
    .flatMap(({ members }) => members)
    .slice(0, most)
    .map(({ command }) => command);
}

/** 0: no match. A term counts most where the title begins with it, then where a word does. */
function score({ title, detail, words, id, here }: Command, terms: readonly string[]): number {
  const name = fold(title);
  const rest = fold(`${detail ?? ""} ${words ?? ""} ${id}`);
  let sum = here === true ? 2 : 1;
  for (const term of terms) {
    const at = name.indexOf(term);
    if (at === 0) {
      sum += 8;
    } else if (at > 0) {
      sum += /[\s\p{P}]/u.test(name.charAt(at - 1)) ? 6 : 4;
    } else if (rest.includes(term)) {
      sum += 1;
    } else {
      return 0;
    }
  }
  return sum;
}
