import type { TFunction } from "i18next";
import { JobType } from "../gen/banto/v1/jobs_pb";

const names = [
  [JobType.COMPANION_TURN, "job.companionTurn"],
  [JobType.TEXT_IMPROVEMENT, "job.textImprovement"],
  [JobType.ROOT_FOLDER_SELECTION, "job.rootFolderSelection"],
  [JobType.REGEX_FILE_FILTER, "job.regexFileFilter"],
  [JobType.FILE_RELEVANCE_ASSESSMENT, "job.fileRelevanceAssessment"],
  [JobType.EXTENDED_PATH_FINDER, "job.extendedPathFinder"],
  [JobType.IMPLEMENTATION_PLAN, "job.implementationPlan"],
  [JobType.IMPLEMENTATION_PLAN_MERGE, "job.implementationPlanMerge"],
] as const;

export function jobTypeName(t: TFunction, type: JobType): string {
  return t(names.find(([known]) => known === type)?.[1] ?? "job.unknownType");
}
