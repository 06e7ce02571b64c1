import type { TFunction } from "i18next";
import { JobType } from "../gen/banto/v1/jobs_pb";

export function jobTypeName(t: TFunction, type: JobType): string {
  return type === JobType.COMPANION_TURN ? t("job.companionTurn") : t("job.unknownType");
}
