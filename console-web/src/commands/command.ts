/** Where a command stands in the palette; shown in this order. */
export const commandGroups = [
  "actions",
  "files",
  "plans",
  "pages",
  "tasks",
  "conversations",
  "settings",
  "messages",
  "workers",
  "jobs",
  "documentation",
] as const;

export type CommandGroup = (typeof commandGroups)[number];

/** Something that a person can have done, by name or by key. */
export interface Command {
  /** The same for the same command, whoever offers it. */
  readonly id: string;
  readonly group: CommandGroup;
  /** In the language of the page. */
  readonly title: string;
  /** What tells it from others of the same title. */
  readonly detail?: string;
  /** Words that find it as well. */
  readonly words?: string;
  /** Such as `mod+k`, `?`, or `g j` for one key after the other. */
  readonly keys?: string;
  /** Belongs to what is open now, and comes before what is always there. */
  readonly here?: boolean;
  /** False: known by its key alone, and not offered in the palette. */
  readonly listed?: boolean;
  readonly run: () => void;
}
