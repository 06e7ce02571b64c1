import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { exactMomentText, momentText } from "../ui/format";
import { approvalOf } from "./approval";
import { usePlan } from "./plan-context";
import { shortHash } from "./plan-names";

const DecideDialog = lazy(async () => ({ default: (await import("./decide-dialog")).DecideDialog }));

/** Which text is approved, by whom, and what can be decided about the one that is shown. */
export function ApproveBar() {
  const { t, i18n } = useTranslation();
  const { plan, view, shown } = usePlan();
  const [deciding, setDeciding] = useState<"approve" | "reject">();
  const { revision } = shown;
  const { decided, decidedNumber, outdated, hindered } = approvalOf(plan, view.revisions, revision);
  const { decision } = plan;
  const Icon = decided === undefined ? CircleDashed : decided === "approved" ? CircleCheck : CircleX;
  const standing = decided === "approved" && !outdated;
  const bar = useRef<HTMLElement>(null);
  const stood = useRef(standing);
  useEffect(() => {
    // What was pressed to decide is not there once it is decided.
    if (stood.current !== standing && document.activeElement === document.body) {
      bar.current?.querySelector<HTMLElement>("button:not([disabled])")?.focus({ preventScroll: true });
    }
    stood.current = standing;
  }, [standing]);
  const mark = decidedNumber === undefined ? "?" : String(decidedNumber);
  return (
    <section ref={bar} className="approve-bar" aria-label={t("plan.approve.bar")} data-testid="approve-bar" data-decided={decided ?? "none"} data-outdated={outdated || undefined}>
      <Icon aria-hidden="true" size={17} />
      <div className="approve-words">
        {decided === undefined || decision === undefined ? (
          <span className="soft">{t("plan.approve.none")}</span>
        ) : (
          <>
            <strong>
              {t(`plan.approve.${decided}`, { number: mark })}
              {outdated && t(decided === "approved" ? "plan.approve.outdated" : "plan.approve.outdatedRejected", { number: String(plan.version) })}
            </strong>{" "}
            <span className="soft small">
              {decision.contentHash !== "" && (
                <span className="mono" title={decision.contentHash}>
                  {t("plan.approve.hash", { hash: shortHash(decision.contentHash) })}
                </span>
              )}{" "}
              {decision.at && <span title={exactMomentText(decision.at, i18n.language)}>{t("plan.approve.by", { name: decision.by, time: momentText(decision.at, i18n.language) })}</span>}
              {decision.acceptedErrors > 0 && ` · ${t("plan.approve.acceptedErrors", { count: decision.acceptedErrors })}`}
            </span>
            {decision.note !== "" && <span className="small approve-note">{decision.note}</span>}
          </>
        )}
        {hindered && hindered !== "nothing" && <span className="soft small approve-note">{t(`plan.approve.${hindered}`)}</span>}
      </div>
      <div className="approve-commands">
        {!standing && (
          <button type="button" className="button button-small" disabled={hindered !== undefined} onClick={() => setDeciding("approve")}>
            {t("plan.approve.approve")}
          </button>
        )}
        <button type="button" className="button button-small" disabled={hindered !== undefined || (decided === "rejected" && !outdated)} onClick={() => setDeciding("reject")}>
          {t(standing ? "plan.approve.withdraw" : "plan.approve.reject")}
        </button>
      </div>
      {deciding && revision && (
        <Suspense fallback={null}>
          <DecideDialog key={revision.revisionId} what={deciding} revision={revision} onClose={() => setDeciding(undefined)} />
        </Suspense>
      )}
    </section>
  );
}
