import { durationMs } from "@bufbuild/protobuf/wkt";
import { CircleAlert, CircleCheck } from "lucide-react";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";
import { type Failure, FailureKind } from "../gen/banto/v1/common_pb";
import type { CheckProviderResponse, Provider } from "../gen/banto/v1/settings_pb";
import { useConsole } from "../shell/console-context";
import { durationText, failureKindName } from "../ui/format";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";

interface ProviderCheckProps {
  readonly provider: Provider;
  readonly onChecked?: (() => void) | undefined;
}

/** Asks a provider whether it answers, and says what came of it. */
export function ProviderCheck({ provider, onChecked }: ProviderCheckProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { providerId } = provider;
  const [result, setResult] = useState<CheckProviderResponse>();
  const check = useCall(async () => {
    setResult(undefined);
    // A provider that is slow to refuse takes longer than a unary call may.
    setResult(await clients.settings.checkProvider({ providerId }, { timeoutMs: 120_000 }));
    onChecked?.();
  });
  const failure = result === undefined ? provider.failure : result.provider?.failure;
  return (
    <div className="provider-check">
      <div className="provider-check-line">
        <button
          type="button"
          className="button button-small"
          disabled={check.pending}
          aria-label={check.pending ? undefined : t("settings.providers.checkNamed", { id: providerId })}
          onClick={() => void check.run()}
        >
          {check.pending && <span className="spinner" aria-hidden="true" />}
          {check.pending ? t("settings.providers.checking") : t("settings.providers.check")}
        </button>
        <div role="status" className="provider-result" data-usable={result?.usable}>
          {result?.usable === true && (
            <>
              <CircleCheck aria-hidden="true" size={16} /> <Answered result={result} />
            </>
          )}
        </div>
      </div>
      {result?.usable !== true && failure && !check.pending && <ProviderFailure failure={failure} checked={result !== undefined} />}
      {result?.usable === false && !failure && <p className="inline-failure">{t("settings.providers.unusable")}</p>}
      {check.failure && <Refused failure={check.failure} scope="all" />}
    </div>
  );
}

function Answered({ result }: { readonly result: CheckProviderResponse }) {
  const { t, i18n } = useTranslation();
  const models = t("settings.providers.modelCount", { count: result.modelCount });
  const latency = result.latency && durationText(durationMs(result.latency), i18n.language);
  return <span>{latency === undefined ? models : t("settings.providers.answered", { latency, models })}</span>;
}

function ProviderFailure({ failure, checked }: { readonly failure: Failure; readonly checked: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="provider-failure" role={checked ? "alert" : undefined}>
      <CircleAlert aria-hidden="true" size={16} />
      <div>
        <p>
          <strong>{failure.kind === FailureKind.AUTH ? t("settings.providers.credential") : failureKindName(t, failure.kind)}</strong>
        </p>
        <p className="soft small">{sentence(failure.message)}</p>
        <p className="small">{whatToDo(t, failure.kind)}</p>
      </div>
    </div>
  );
}

function whatToDo(t: TFunction, kind: FailureKind): string {
  switch (kind) {
    case FailureKind.AUTH:
      return t("settings.providers.todoAuth");
    case FailureKind.RATE_LIMITED:
    case FailureKind.OVERLOADED:
      return t("settings.providers.todoWait");
    case FailureKind.NETWORK:
    case FailureKind.CONNECT_TIMEOUT:
    case FailureKind.FIRST_BYTE_TIMEOUT:
    case FailureKind.IDLE_TIMEOUT:
      return t("settings.providers.todoReach");
    case FailureKind.MALFORMED:
    case FailureKind.REJECTED:
      return t("settings.providers.todoFormat");
    default:
      return t("settings.providers.todoOther");
  }
}
