import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CommentState, type PlanComment } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { exactMomentText, momentText } from "../ui/format";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { CommentForm } from "./comment-form";
import type { CommentSpot } from "./comment-place";
import { keepFocus } from "./keep-focus";
import { usePlan } from "./plan-context";

const states: ReadonlyMap<CommentState, "open" | "addressed" | "notAddressed" | "resolved"> = new Map([
  [CommentState.OPEN, "open"],
  [CommentState.ADDRESSED, "addressed"],
  [CommentState.NOT_ADDRESSED, "notAddressed"],
  [CommentState.RESOLVED, "resolved"],
]);

/** Where a comment stands, as `data-state` and in the texts. */
export const commentStateName = (state: CommentState) => states.get(state) ?? "open";

/** What people say of the plan, in the order of its text. */
export function CommentsPanel() {
  const { t } = useTranslation();
  const { spots, composing } = usePlan();
  const [all, setAll] = useState(false);
  const open = spots.filter(({ comment, orphaned }) => comment.state !== CommentState.RESOLVED && !orphaned);
  const orphaned = spots.filter((spot) => spot.orphaned);
  const resolved = spots.filter(({ comment }) => comment.state === CommentState.RESOLVED);
  return (
    <>
      <CommentForm key={`${composing?.step} ${composing?.span?.from}`} on={composing} />
      {spots.length === 0 && <p className="soft small">{t("plan.comment.none")}</p>}
      <Comments label={t("plan.comment.title")} spots={open} />
      {orphaned.length > 0 && (
        <section aria-label={t("plan.comment.orphaned")} data-testid="orphaned-comments">
          <h3>{t("plan.comment.orphaned")}</h3>
          <p className="soft small">{t("plan.comment.orphanedHelp")}</p>
          <Comments label={t("plan.comment.orphaned")} spots={orphaned} />
        </section>
      )}
      {resolved.length > 0 && (
        <>
          <label className="step-tick small">
            <input type="checkbox" checked={all} onChange={({ target }) => setAll(target.checked)} /> {t("plan.comment.showResolved", { count: resolved.length })}
          </label>
          {all && <Comments label={t("plan.comment.state.resolved")} spots={resolved} />}
        </>
      )}
    </>
  );
}

function Comments({ label, spots }: { readonly label: string; readonly spots: readonly CommentSpot[] }) {
  return (
    spots.length > 0 && (
      <ol className="comments" aria-label={label}>
        {spots.map((spot) => (
          <Comment key={spot.comment.commentId} spot={spot} />
        ))}
      </ol>
    )
  );
}

function Comment({ spot }: { readonly spot: CommentSpot }) {
  const { t, i18n } = useTranslation();
  const { clients } = useConsole();
  const { search, show, goTo, view, document: structure } = usePlan();
  const { comment, span, step } = spot;
  const { commentId, text, by, createdAt, state, anchor, resolvedBy, answer } = comment;
  const name = commentStateName(state);
  const resolved = state === CommentState.RESOLVED;
  const item = useRef<HTMLLIElement>(null);
  const resolve = useCall(async () => {
    const panel = item.current?.closest("aside");
    await clients.plans.resolveComment({ commentId, resolved: !resolved });
    keepFocus(panel);
  });
  const current = search.comment === commentId;
  useEffect(() => {
    if (current) {
      item.current?.scrollIntoView({ block: "nearest" });
    }
  }, [current]);
  const about = step ?? comment.step;
  const madeOn = view.revisions.find(({ revisionId }) => revisionId === comment.revisionId);
  return (
    <li ref={item} className="comment" data-comment-id={commentId} data-state={name} data-current={current || undefined}>
      <p className="comment-head">
        <span className="tag" data-comment={name}>
          {t(`plan.comment.state.${name}`)}
        </span>
        <span className="soft small">
          {about > 0 ? t("plan.comment.on.step", { number: about }) : anchor ? t("plan.comment.on.passage") : t("plan.comment.on.plan")}
        </span>
        {span && (
          <button
            type="button"
            className="button button-small"
            onClick={() => {
              show({ comment: commentId, ...(step !== undefined && { step }) }, true);
              // A text that is edited has moved on; its steps are known.
              goTo(search.view === "edit" ? (structure.steps.find(({ number }) => number === step) ?? span) : span);
            }}
          >
            {t("plan.comment.goTo")}
          </button>
        )}
      </p>
      {anchor && anchor.quote !== "" && <blockquote className="comment-quote mono">{anchor.quote}</blockquote>}
      <p className="comment-text">{text}</p>
      <p className="soft small">
        {createdAt && <span title={exactMomentText(createdAt, i18n.language)}>{t("plan.comment.by", { name: by, time: momentText(createdAt, i18n.language) })}</span>}
        {madeOn && ` · ${t("plan.revisions.number", { number: String(madeOn.number) })}`}
        {resolved && resolvedBy !== "" && ` · ${t("plan.comment.resolvedBy", { name: resolvedBy })}`}
      </p>
      {answer !== "" && <Answer comment={comment} />}
      {resolve.failure && <Refused failure={resolve.failure} scope="chat" />}
      <button type="button" className="button button-small comment-resolve" disabled={resolve.pending} onClick={() => void resolve.run()}>
        {t(resolved ? "plan.comment.reopen" : "plan.comment.resolve")}
      </button>
    </li>
  );
}

/** What the model said to a comment, and in which revision. */
export function Answer({ comment }: { readonly comment: PlanComment }) {
  const { t } = useTranslation();
  const { view, show } = usePlan();
  const revision = view.revisions.find(({ revisionId }) => revisionId === comment.answeredInRevisionId);
  return (
    <div className="comment-answer" data-testid="comment-answer">
      <p className="small">
        <strong>{t("plan.comment.answer")}</strong>{" "}
        {revision && (
          <button type="button" className="button button-small" onClick={() => show({ view: "revisions", to: revision.revisionId, from: revision.parentRevisionId || undefined })}>
            {t("plan.comment.answeredIn", { number: String(revision.number) })}
          </button>
        )}
      </p>
      <p className="comment-text">{comment.answer}</p>
    </div>
  );
}
