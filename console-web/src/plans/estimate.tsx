import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { type EstimatePlanResponse, PlanOrigin } from "../gen/banto/v1/plans_pb";
import { useConsole } from "../shell/console-context";
import { useDebounced } from "../ui/use-debounced";
import { useLoaded } from "../ui/use-loaded";
import { WorkRefused } from "../workspaces/work-refused";
import { dollars } from "./dollars";
import { MaterialList } from "./material-list";

interface EstimateProps {
  readonly wish: {
    readonly taskId: string;
    readonly origin: PlanOrigin;
    readonly providerId?: string;
    readonly model?: string;
    readonly instructions: string;
    readonly includeTree: boolean;
  };
  /** How many are asked for. */
  readonly drafts: number;
  /** How many files of the task count. */
  readonly files: number;
  /** When it changes, what would be sent is another thing. */
  readonly change: bigint;
}

/** A pause in typing, after which the server is asked. */
const pauseMs = 400;

/** What would be sent and what it costs at most, before anything is. */
export function Estimate({ wish, drafts, files, change }: EstimateProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const settled = useDebounced(JSON.stringify({ ...wish, change: String(change) }), pauseMs);
  const load = useCallback(
    (signal: AbortSignal) => {
      const { change: _, ...request } = JSON.parse(settled) as EstimateProps["wish"] & { change: string };
      return clients.plans.estimatePlan(request, { signal });
    },
    [clients, settled],
  );
  const { value, failure, loading } = useLoaded<EstimatePlanResponse>(load);
  return (
    <div className="estimate" data-testid="estimate" aria-busy={loading}>
      {failure ? <WorkRefused failure={failure} title={t("plan.estimate.failed")} /> : value ? <Known value={value} drafts={drafts} files={files} /> : <p className="soft small">{t("plan.estimate.loading")}</p>}
    </div>
  );
}

function Known({ value, drafts, files }: { readonly value: EstimatePlanResponse; readonly drafts: number; readonly files: number }) {
  const { t, i18n } = useTranslation();
  const { origin, inputTokens, outputTokens, windowTokens, inputNanoUsd, outputNanoUsd, material, needsConsent, model, providerId } = value;
  const number = (count: bigint) => count.toLocaleString(i18n.language);
  const price = inputNanoUsd === undefined || outputNanoUsd === undefined ? undefined : (inputNanoUsd + outputNanoUsd) * BigInt(drafts);
  if (origin === PlanOrigin.BRIEF) {
    // Of a brief nothing is sent, so the server lists no material.
    return <p role="status">{t("plan.estimate.brief", { files: t("task.files", { count: files }) })}</p>;
  }
  return (
    <>
      <p role="status">
        {t("plan.estimate.sent", { tokens: number(inputTokens), model: model || t("choices.preferred"), provider: providerId })}{" "}
        {windowTokens > 0n && t("plan.estimate.window", { tokens: number(windowTokens) })}{" "}
        {outputTokens > 0n && t("plan.estimate.answer", { tokens: number(outputTokens) })}{" "}
        <strong>{price === undefined ? t("plan.estimate.priceUnknown") : t("plan.estimate.price", { price: dollars(price, i18n.language), count: drafts })}</strong>
      </p>
      {needsConsent && <p className="estimate-consent">{t("plan.estimate.consent", { provider: providerId })}</p>}
      <MaterialList material={material} />
    </>
  );
}
