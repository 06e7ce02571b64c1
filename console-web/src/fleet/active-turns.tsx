import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { TurnLink } from "../jobs/turn-link";
import { useWatched } from "../shell/console-context";
import { momentText } from "../ui/format";

/** The turns that a worker is at, each with the way to its conversation and its job. */
export function ActiveTurns({ turnIds }: { readonly turnIds: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const jobs = useWatched({ kind: "jobs" });
  const known = jobs.phase === "ready" ? jobs.view : [];
  return (
    <ul className="active-turns">
      {turnIds.map((turnId) => {
        const job = known.find((candidate) => candidate.turnId === turnId);
        return (
          <li key={turnId} data-turn-id={turnId}>
            {job === undefined ? (
              <span className="mono">{turnId}</span>
            ) : (
              <>
                <span className="soft small">
                  {job.createdAt && t("worker.turnSince", { time: momentText(job.createdAt, i18n.language) })}
                </span>
                <TurnLink conversationId={job.conversationId} turnId={turnId}>
                  {t("worker.openTurn")}
                </TurnLink>
                <Link to="/jobs/$jobId" params={{ jobId: job.jobId }}>
                  {t("worker.openJob")}
                </Link>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}
