import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "../shell/document-title";
import { Loading } from "../ui/states";
import "./docs.css";
import { allPages, loadPage, summary } from "./pages";

interface Entry {
  readonly page: string;
  readonly title: string;
  readonly lead: string;
}

/** `/docs` */
export function DocsPage() {
  const { t, i18n } = useTranslation();
  useDocumentTitle(t("docs.title"));
  const [entries, setEntries] = useState<readonly Entry[]>();
  useEffect(() => {
    let gone = false;
    void Promise.all(allPages.map(async (page) => ({ page, ...summary((await loadPage(page)) ?? "") }))).then((loaded) => {
      if (!gone) {
        setEntries(loaded);
      }
    });
    return () => {
      gone = true;
    };
  }, []);
  // The guide in one's own language comes first.
  const own = (page: string) => page === i18n.language;
  const shown = entries?.toSorted((a, b) => Number(own(b.page)) - Number(own(a.page)));
  return (
    <div className="page">
      <div className="docs">
        <h1>{t("docs.title")}</h1>
        <p className="soft">
          {t("docs.lead")} {i18n.language !== "en" && t("docs.english")}
        </p>
        {shown === undefined ? (
          <Loading />
        ) : (
          <ul className="docs-list" aria-label={t("docs.nav")}>
            {shown.map(({ page, title, lead }) => (
              <li key={page} lang={page === "ja" ? "ja" : "en"}>
                <Link to="/docs/$page" params={{ page }}>
                  {title}
                </Link>
                <p className="soft small">{lead}</p>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
