import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../api/failure";

/** Shown only after a moment, so that a quick answer does not flicker. */
export function Loading({ label }: { readonly label?: string }) {
  const { t } = useTranslation();
  return (
    <p className="state state-loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {label ?? t("error.loading")}
    </p>
  );
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return <div className="state state-empty">{children}</div>;
}

interface FailedProps {
  readonly title: string;
  readonly detail?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
}

export function Failed({ title, detail, onRetry }: FailedProps) {
  const { t } = useTranslation();
  return (
    <div className="state state-failed" role="alert">
      <CircleAlert aria-hidden="true" size={18} />
      <div>
        <p>{title}</p>
        {detail !== undefined && detail !== "" && <p className="soft">{sentence(detail)}</p>}
        {onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            {t("error.retry")}
          </button>
        )}
      </div>
    </div>
  );
}
