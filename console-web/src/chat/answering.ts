import type { TFunction } from "i18next";
import type { Choices } from "../conversation/choices";
import { AnswerSource, type WorkerInfo } from "../gen/banto/v1/worker_pb";

/** Who will answer the next message: a model, its provider where that is all that is known, or the guide. */
export function answering(t: TFunction, choices: Choices, companion: WorkerInfo | undefined): string {
  if (companion?.answerSource === AnswerSource.GUIDE) {
    return t("message.guide");
  }
  if (choices.model !== "") {
    return choices.model;
  }
  if (choices.providerId !== "" && choices.providerId !== companion?.providerId) {
    return choices.providerId;
  }
  return companion?.model ?? "";
}
