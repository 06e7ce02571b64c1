import { StageKind } from "../gen/banto/v1/workflows_pb";

/** The stages of the file finder, in order, by the names that the texts and the page have. */
export const stages = [
  [StageKind.ROOT_FOLDER_SELECTION, "roots"],
  [StageKind.REGEX_FILE_FILTER, "patterns"],
  [StageKind.FILE_RELEVANCE_ASSESSMENT, "relevance"],
  [StageKind.EXTENDED_PATH_FINDER, "extension"],
] as const;

export type StageName = (typeof stages)[number][1] | "unknown";

export function stageName(kind: StageKind): StageName {
  return stages.find(([known]) => known === kind)?.[1] ?? "unknown";
}
