import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ChainFault, type VerifyChainResponse } from "../gen/banto/v1/audit_log_pb";
import { useConsole } from "../shell/console-context";
import { Refused } from "../ui/states";
import { useCall } from "../ui/use-call";
import { parseHead } from "./audit-head";

const faults: ReadonlyMap<ChainFault, "missing" | "altered" | "brokenLink" | "wrongSeal" | "truncated" | "otherHead"> = new Map([
  [ChainFault.MISSING, "missing"],
  [ChainFault.ALTERED, "altered"],
  [ChainFault.BROKEN_LINK, "brokenLink"],
  [ChainFault.WRONG_SEAL, "wrongSeal"],
  [ChainFault.TRUNCATED, "truncated"],
  [ChainFault.OTHER_HEAD, "otherHead"],
]);

/** Has the server walk the whole chain, and compare it with an end that was kept. */
export function VerifyChain() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const id = useId();
  const [kept, setKept] = useState("");
  const [found, setFound] = useState<VerifyChainResponse>();
  const head = kept.trim() === "" ? undefined : parseHead(kept);
  const wrong = kept.trim() !== "" && head === undefined;
  const verify = useCall(async () => {
    setFound(undefined);
    setFound(await clients.auditLog.verifyChain(head ? { head } : {}));
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong && !verify.pending) {
      void verify.run();
    }
  };
  return (
    <form className="audit-verify" onSubmit={submit} noValidate>
      <div className="form-field">
        <label htmlFor={id}>{t("audit.kept")}</label>
        <textarea id={id} className="field mono" rows={2} value={kept} spellCheck={false} aria-invalid={wrong} aria-describedby={`${id}-help`} onChange={({ target }) => setKept(target.value)} />
        <p className={wrong ? "inline-failure" : "soft small"} id={`${id}-help`}>
          {t(wrong ? "audit.keptWrong" : "audit.keptHelp")}
        </p>
      </div>
      <button type="submit" className="button" disabled={wrong || verify.pending}>
        {verify.pending ? t("audit.verifying") : t("audit.verify")}
      </button>
      {verify.failure && <Refused failure={verify.failure} scope="review" title={t("audit.failed")} />}
      {found && (
        <p role={found.intact ? "status" : "alert"} className={found.intact ? "audit-intact" : "inline-failure"} data-testid="chain" data-intact={found.intact}>
          {found.intact
            ? t("audit.intact", { count: Number(found.checked) })
            : t("audit.broken", { sequence: String(found.faultSequence), fault: t(`audit.fault.${faults.get(found.fault) ?? "unknown"}`) })}{" "}
          {found.unsealed > 0n && t("audit.unsealed", { count: Number(found.unsealed) })}
        </p>
      )}
    </form>
  );
}
