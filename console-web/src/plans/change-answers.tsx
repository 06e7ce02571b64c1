import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { PlanRevision } from "../gen/banto/v1/plans_pb";
import { commentStateName } from "./comments-panel";
import { usePlan } from "./plan-context";

/** What a revision says to the comments that it was made from. */
export function ChangeAnswers({ revision }: { readonly revision: PlanRevision }) {
  const { t } = useTranslation();
  const { view } = usePlan();
  const id = useId();
  const answered = view.comments.filter(({ answeredInRevisionId }) => answeredInRevisionId === revision.revisionId);
  return (
    answered.length > 0 && (
      <section className="panel change-answers" aria-labelledby={id} data-testid="change-answers">
        <h2 id={id}>{t("plan.changes.result", { number: String(revision.number) })}</h2>
        <p className="soft small">{t("plan.changes.resultHelp")}</p>
        <ul className="comments">
          {answered.map(({ commentId, text, answer, state }) => (
            <li key={commentId} className="comment" data-state={commentStateName(state)}>
              <p className="comment-head">
                <span className="tag" data-comment={commentStateName(state)}>
                  {t(`plan.comment.state.${commentStateName(state)}`)}
                </span>
              </p>
              <p className="comment-text">{text}</p>
              <p className="comment-text comment-answer">{answer}</p>
            </li>
          ))}
        </ul>
      </section>
    )
  );
}
