/** The least that has to be replaced to make one text the other. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** So that a cursor and what is around it stay where they are. */
export function textChange(before: string, after: string): TextChange | undefined {
  if (before === after) {
    return undefined;
  }
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start += 1;
  }
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) {
    end += 1;
  }
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}
