import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import { stateName, stateSlug } from "../ui/format";

const tones = new Map<RunState, string>([
  [RunState.QUEUED, "busy"],
  [RunState.RUNNING, "busy"],
  [RunState.COMPLETED, "good"],
  [RunState.CANCELLED, "warning"],
  [RunState.TIMED_OUT, "bad"],
  [RunState.PROVIDER_FAILED, "bad"],
  [RunState.FAILED, "bad"],
  [RunState.INTERRUPTED, "bad"],
]);

export function RunStateBadge({ state }: { readonly state: RunState }) {
  const { t } = useTranslation();
  return (
    <span className="badge" data-tone={tones.get(state)} data-state={stateSlug(state)}>
      {stateName(t, state)}
    </span>
  );
}
