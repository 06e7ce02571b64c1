import { CircleAlert, Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type CallFailure, sentence } from "../api/failure";
import { useConsole } from "../shell/console-context";
import { CommandLine } from "./command-line";
import { failureText } from "./failure-text";

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

/** The scopes of tokens, by the names that the command line takes. */
export type ScopeName = "read" | "chat" | "review" | "all";

/** This browser's token may not do it: which one may, and how to get it. */
export function Forbidden({ scope }: { readonly scope: ScopeName }) {
  const { t } = useTranslation();
  const { session } = useConsole();
  const command = `banto token create console --scope ${scope}`;
  return (
    <div className="state state-forbidden" role="alert" data-needed-scope={scope}>
      <Lock aria-hidden="true" size={18} />
      <div>
        <p>{t("error.forbidden", { scope })}</p>
        <p className="soft">{t("error.forbiddenHow")}</p>
        <CommandLine command={command} />
        <button type="button" className="button button-small" onClick={() => session.signOut("signed-out")}>
          {t("error.otherToken")}
        </button>
      </div>
    </div>
  );
}

interface RefusedProps {
  readonly failure: CallFailure;
  /** What the call needs, should the token be the reason. */
  readonly scope: ScopeName;
  readonly title?: string;
  readonly onRetry?: (() => void) | undefined;
}

/** A call that came to nothing, with the way on that there is. */
export function Refused({ failure, scope, title, onRetry }: RefusedProps) {
  const { t } = useTranslation();
  return failure.is("SCOPE_DENIED") ? (
    <Forbidden scope={scope} />
  ) : (
    <Failed title={title ?? t("error.generic")} detail={failureText(t, failure)} onRetry={onRetry} />
  );
}
