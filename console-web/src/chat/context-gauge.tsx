import { useTranslation } from "react-i18next";
import type { TurnContext } from "../gen/banto/v1/companion_conversation_pb";

/** How much of what the model can take the latest request took. */
export function ContextGauge({ context }: { readonly context: TurnContext }) {
  const { t, i18n } = useTranslation();
  const { estimatedTokens, budgetTokens, messagesIncluded, messagesLeftOut } = context;
  if (budgetTokens === 0n) {
    return null;
  }
  const share = Math.min(1, Number(estimatedTokens) / Number(budgetTokens));
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent" }).format(share);
  const whole = t("context.whole", {
    used: estimatedTokens.toLocaleString(i18n.language),
    budget: budgetTokens.toLocaleString(i18n.language),
    messages: messagesIncluded.toLocaleString(i18n.language),
  });
  return (
    <span className="context" data-full={messagesLeftOut > 0 || undefined} title={whole}>
      <span
        className="context-gauge"
        role="meter"
        aria-label={t("context.label")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={whole}
      >
        <svg aria-hidden="true" viewBox="0 0 40 6" width="40" height="6">
          <rect className="context-room" width="40" height="6" rx="3" />
          <rect className="context-used" width={Math.max(2, share * 40)} height="6" rx="3" />
        </svg>
      </span>
      <span aria-hidden="true">{t("context.short", { percent })}</span>
      {messagesLeftOut > 0 && <span>{t("context.leftOut", { count: messagesLeftOut })}</span>}
    </span>
  );
}
