import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { RunState } from "../gen/banto/v1/common_pb";
import { replyWaits } from "../shell/waiting";
import { failureKindName, stateName } from "../ui/format";
import { usePlan } from "./plan-context";
import { authorName } from "./plan-names";

/** Says that a text begins or ends, to those who hear and to those who look elsewhere. */
export function PlanNews() {
  const { t } = useTranslation();
  const { plan, view } = usePlan();
  const [text, setText] = useState("");
  const active = plan.activeRevisionId;
  const [followed, setFollowed] = useState(active);
  const ended = followed !== "" && active !== followed ? view.revisions.find(({ revisionId }) => revisionId === followed) : undefined;
  const end =
    ended &&
    (ended.state === RunState.COMPLETED
      ? t("plan.announceDone", { steps: t("plan.steps", { count: ended.stepCount }) })
      : t("plan.announceEnded", { state: stateName(t, ended.state), cause: ended.failure ? failureKindName(t, ended.failure.kind) : "" }));
  const author = view.revisions.find(({ revisionId }) => revisionId === active)?.author;
  const begin = active === "" || author === undefined ? "" : t("plan.announceBegin", { author: authorName(t, author) });
  useEffect(() => {
    if (end !== undefined) {
      setText(end);
      replyWaits(followed);
      setFollowed(active);
    } else if (active !== "") {
      setText(begin);
      setFollowed(active);
    }
  }, [end, begin, active, followed]);
  return (
    <div className="visually-hidden" role="status" data-testid="announcer">
      {text}
    </div>
  );
}
