import { MessageSquarePlus } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type MarkedPassage, XmlView } from "../editor/xml-view";
import { CommentState } from "../gen/banto/v1/plans_pb";
import { wholeCharacters } from "../tasks/byte-range";
import { usePlan } from "./plan-context";
import type { Span } from "./plan-document";

/** A passage that was gone to is marked, a whole step is not. */
const longestMarked = 400;

/** The text itself. */
export function RawPlan() {
  const { t } = useTranslation();
  const { shown, shownId, target, document: structure, search, spots, compose } = usePlan();
  const [selection, setSelection] = useState<Span>();
  const onSelect = useCallback((range: Span) => setSelection(range.from < range.to ? range : undefined), []);
  const marked = useMemo(
    (): readonly MarkedPassage[] => [
      ...(target && target.span.to - target.span.from < longestMarked ? [{ ...target.span, current: true }] : []),
      ...spots.flatMap(({ comment, span }) => (span && comment.anchor && comment.state !== CommentState.RESOLVED ? [{ ...span, current: comment.commentId === search.comment }] : [])),
    ],
    [spots, search.comment, target],
  );
  const { text = "" } = shown;
  const comment = () => {
    const span = selection && wholeCharacters(text, selection);
    if (span) {
      const step = structure.steps.find(({ from, to }) => from <= span.from && span.from < to)?.number ?? 0;
      compose({ step, span, quote: text.slice(span.from, span.to), revisionId: shownId });
    }
  };
  // A step of the address is gone to once its text is there.
  const [first] = useState(search.step);
  const wanted = structure.steps.find(({ number }) => number === first);
  const from = wanted?.from;
  const start = useMemo(() => (from === undefined ? undefined : { span: { from, to: from } }), [from]);
  return (
    <>
      <p className="raw-bar">
        <button type="button" className="button button-small step-comment" disabled={selection === undefined || shown.writing} onClick={comment}>
          <MessageSquarePlus aria-hidden="true" size={14} /> {t("plan.comment.onSelection")}
        </button>
      </p>
      <XmlView
        label={t("plan.textLabel")}
        unfold={t("plan.fold")}
        text={text}
        generation={shown.generation}
        writing={shown.writing}
        target={target ?? start}
        marked={marked}
        onSelect={onSelect}
      />
    </>
  );
}
