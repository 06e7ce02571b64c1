import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, Failed } from "../ui/states";

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <div className="page">
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
  return (
    <div className="page">
      <Failed title={t("error.pageFailed")} detail={error instanceof Error ? error.message : undefined} onRetry={() => window.location.reload()} />
    </div>
  );
}
