import { Code } from "@connectrpc/connect";
import type { TFunction } from "i18next";
import { type CallFailure, sentence } from "../api/failure";

/** What a person reads about a call that came to nothing: what happened, and what to do. */
export function failureText(t: TFunction, failure: CallFailure): string {
  switch (failure.reason) {
    case "COMPANION_UNAVAILABLE":
      return t("error.companionUnavailable", { cause: failure.metadata["cause"] ?? failure.message });
    case "TURN_IN_PROGRESS":
      return t("error.turnInProgress");
    case "VERSION_CONFLICT":
      return t("error.versionConflict");
    case "SCOPE_DENIED":
      return t("error.scopeDenied");
    case "ORIGIN_DENIED":
      return t("error.originDenied");
    case "LIMIT_EXCEEDED":
      return t("error.limitExceeded", { message: failure.message });
    case "STORAGE_FULL":
      return t("error.storageFull");
    case "STORAGE_UNAVAILABLE":
      return t("error.storageUnavailable");
    case "INVALID_INPUT":
      return sentence(failure.violations.map(({ description }) => description).join("; ") || failure.message);
    case "":
      return failure.unauthenticated
        ? t("error.unauthenticated")
        : failure.code === Code.PermissionDenied
          ? t("error.originDenied")
          : failure.unknownOutcome
            ? t("error.network")
            : sentence(failure.message) || t("error.generic");
    default:
      return failure.notFound && failure.message === "" ? t("error.notFound") : sentence(failure.message) || t("error.generic");
  }
}
