import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, Failed } from "../ui/states";
import { FilesMissing } from "./upgrade";

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <h1>{t("app.notFoundTitle")}</h1>
      <Empty>
        <p>
          {t("app.notFound")} <Link to="/">{t("app.goHome")}</Link>
        </p>
      </Empty>
    </div>
  );
}

export function PageFailed({ error }: ErrorComponentProps) {
  const { t } = useTranslation();
  const message = error instanceof Error ? error.message : undefined;
  const missing = error instanceof FilesMissing;
  return (
    <div className="page">
      <Failed
        title={missing ? t("error.pageMissing") : t("error.pageFailed")}
        detail={missing ? undefined : message}
        onRetry={() => window.location.reload()}
      />
    </div>
  );
}
