import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clientId } from "../conversation/client-id";
import { repeated } from "../conversation/deliver";
import { useConsole } from "../shell/console-context";
import { ByteIndex } from "../tasks/byte-range";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { type CommentTarget, loadCommentDraft, saveCommentDraft } from "./comment-draft";
import { keepFocus } from "./keep-focus";
import { usePlan } from "./plan-context";

const longest = 4000;

/** A comment that is being written, on a step, a passage or the whole plan. */
export function CommentForm({ on }: { readonly on: CommentTarget | undefined }) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { plan, shown, shownId, compose } = usePlan();
  const { planId } = plan;
  const [text, setText] = useState(() => loadCommentDraft(localStorage, planId));
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const attempt = useRef<{ key: string; requestId: string }>(undefined);
  useEffect(() => {
    if (on !== undefined) {
      field.current?.focus();
    }
  }, [on]);
  const change = (next: string) => {
    setText(next);
    saveCommentDraft(localStorage, planId, next);
  };
  const leave = () => {
    const panel = field.current?.closest("aside");
    compose(undefined);
    keepFocus(panel);
  };
  const send = useCall(async () => {
    const index = on?.span && new ByteIndex(shown.text ?? "");
    const anchor = on?.span && index ? { start: BigInt(index.toByte(on.span.from)), end: BigInt(index.toByte(on.span.to)) } : undefined;
    const request = { planId, revisionId: on?.revisionId ?? shownId, step: anchor ? 0 : (on?.step ?? 0), ...(anchor && { anchor }), text: text.trim() };
    const key = `${text} ${request.revisionId} ${request.step} ${String(anchor?.start)} ${String(anchor?.end)}`;
    if (attempt.current?.key !== key) {
      attempt.current = { key, requestId: clientId() };
    }
    const { requestId } = attempt.current;
    await repeated(() => clients.plans.addComment({ ...request, requestId }));
    attempt.current = undefined;
    change("");
    leave();
  });
  const over = text.length > longest && [...text].length > longest;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "" && !over && !send.pending) {
      void send.run();
    }
  };
  return (
    <form className="comment-form" onSubmit={submit} noValidate>
      <label htmlFor={id}>
        {on === undefined || (on.step === 0 && on.span === undefined) ? t("plan.comment.on.plan") : on.span ? t("plan.comment.on.passage") : t("plan.comment.on.step", { number: on.step })}
      </label>
      {on?.quote !== undefined && on.quote !== "" && <blockquote className="comment-quote mono">{on.quote.length > 300 ? `${on.quote.slice(0, 300)}…` : on.quote}</blockquote>}
      <textarea ref={field} id={id} className="field" rows={3} value={text} aria-invalid={over} onChange={({ target }) => change(target.value)} />
      {over && <p className="inline-failure">{t("chat.over", { count: [...text].length - longest })}</p>}
      {send.failure && <Refused failure={send.failure} scope="chat" title={t("plan.comment.notSent")} />}
      <div className="panel-actions">
        <button type="submit" className="button button-small button-primary" disabled={text.trim() === "" || over || send.pending}>
          {send.pending ? t("plan.comment.sending") : t("plan.comment.send")}
        </button>
        {on !== undefined && (
          <button type="button" className="button button-small" onClick={leave}>
            {t("dialog.cancel")}
          </button>
        )}
      </div>
    </form>
  );
}
