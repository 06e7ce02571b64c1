import { Check, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Capabilities } from "../gen/banto/v1/runtime_registry_pb";

const names = ["filesystem", "shell", "git", "ticketMutation"] as const;

/** The four things that a worker may or may not do to the world. */
export function CapabilityList({ capabilities }: { readonly capabilities: Capabilities | undefined }) {
  const { t } = useTranslation();
  return (
    <ul className="capabilities" aria-label={t("worker.capabilities")}>
      {names.map((name) => {
        const allowed = capabilities?.[name] === true;
        const Icon = allowed ? Check : Minus;
        return (
          <li key={name} data-capability={name} data-allowed={allowed}>
            <Icon aria-hidden="true" size={14} />
            {t(`runtime.${name}`)}: {allowed ? t("runtime.allowed") : t("runtime.notAllowed")}
          </li>
        );
      })}
    </ul>
  );
}
