import { Link, getRouteApi, useLocation } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "../markdown/markdown";
import { useDocumentTitle } from "../shell/document-title";
import { Failed, Loading } from "../ui/states";
import "./docs.css";
import { loadPage, summary } from "./pages";

const route = getRouteApi("/docs/$page");

/** `/docs/:page`, and a heading of it as the address says. */
export function DocPage() {
  const { page } = route.useParams();
  return <Doc key={page} page={page} />;
}

function Doc({ page }: { readonly page: string }) {
  const { t } = useTranslation();
  const { hash } = useLocation();
  const [text, setText] = useState<string | "none">();
  useDocumentTitle(text === undefined || text === "none" ? t("docs.title") : summary(text).title);

  useEffect(() => {
    let gone = false;
    void loadPage(page).then((loaded) => {
      if (!gone) {
        setText(loaded ?? "none");
      }
    });
    return () => {
      gone = true;
    };
  }, [page]);

  useEffect(() => {
    if (text !== undefined && hash !== "") {
      const heading = document.getElementById(decoded(hash));
      heading?.scrollIntoView();
      heading?.focus({ preventScroll: true });
    }
  }, [text, hash]);

  const docs = useMemo(() => ({ page }), [page]);
  return (
    <div className="page">
      <div className="docs">
        <Link to="/docs" className="back-link">
          <ChevronLeft aria-hidden="true" size={14} /> {t("docs.all")}
        </Link>
        {text === undefined && <Loading />}
        {text === "none" && <Failed title={t("docs.notFound")} />}
        {text !== undefined && text !== "none" && (
          <article lang={page === "ja" ? "ja" : "en"}>
            <Markdown text={text} complete docs={docs} />
          </article>
        )}
      </div>
    </div>
  );
}

function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}
