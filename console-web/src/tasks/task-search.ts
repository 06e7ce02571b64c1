/** What the list of tasks is narrowed down to, as it stands in the address. */
export interface TaskSearch {
  readonly q?: string;
  readonly archived?: true;
}

/** The file that is shown beside the files of a task, and how those are. */
export interface FileSearch {
  readonly file?: string;
  readonly line?: number;
  readonly view?: "tree";
}
