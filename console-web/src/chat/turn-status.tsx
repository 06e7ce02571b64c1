import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import type { Attempt } from "../gen/banto/v1/common_pb";
import type { Turn } from "../gen/banto/v1/companion_conversation_pb";
import { useCutOff } from "../shell/connection-notice";

/** Says, next to where one writes, what the running turn is doing. */
export function TurnStatus({ turn }: { readonly turn: Turn | undefined }) {
  const { t } = useTranslation();
  const cutOff = useCutOff();
  const failed = turn && pendingRetry(turn);
  const seconds = useCountdown(failed);
  const text = () => {
    if (turn === undefined) {
      return "";
    }
    if (cutOff) {
      return t("chat.reconnecting");
    }
    if (failed !== undefined) {
      const number = failed.number + 1;
      return seconds > 0 ? t("chat.attemptIn", { number, seconds }) : t("chat.attemptNow", { number });
    }
    if (turn.state === RunState.QUEUED) {
      return t("chat.queued");
    }
    return turn.model === "" ? t("chat.generating") : t("chat.generatingWith", { model: turn.model });
  };
  return (
    <div className="turn-status" role="status" data-state={turn === undefined ? "idle" : "generating"}>
      {turn !== undefined && <span className="spinner" aria-hidden="true" />}
      <span>{text()}</span>
      {failed?.failure && (
        <span className="soft turn-status-cause">
          {t("chat.attemptFailed", { number: failed.number, message: failed.failure.message })}
        </span>
      )}
    </div>
  );
}

/** The attempt that failed and after whose pause another follows. */
function pendingRetry(turn: Turn): Attempt | undefined {
  const last = turn.attempts.reduce<Attempt | undefined>(
    (newest, attempt) => (newest === undefined || attempt.number > newest.number ? attempt : newest),
    undefined,
  );
  return last?.failure && last.retryAfter ? last : undefined;
}

/** Whole seconds until the attempt after `failed`, by this browser's clock at most the pause itself. */
function useCountdown(failed: Attempt | undefined): number {
  const pause = failed?.retryAfter ? durationMs(failed.retryAfter) : 0;
  const ended = failed?.endedAt ? timestampMs(failed.endedAt) : undefined;
  const number = failed?.number ?? 0;
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (pause === 0) {
      setLeft(0);
      return undefined;
    }
    const until = Math.min(Date.now(), ended ?? Date.now()) + pause;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [pause, ended, number]);
  return left;
}
