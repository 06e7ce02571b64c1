import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCompanion } from "../chat/use-companion";
import { newConversation, saveDraft } from "../conversation/drafts";
import { useDocumentTitle } from "../shell/document-title";
import { FirstRun } from "./first-run";

/** `/welcome`: the first steps, for those who come back to them. */
export function WelcomePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const companion = useCompanion(undefined);
  useDocumentTitle(t("firstRun.title"));
  return (
    <div className="page">
      <h1>{t("firstRun.title")}</h1>
      <FirstRun
        companion={companion}
        onTry={(text) => {
          saveDraft(localStorage, newConversation, { text });
          void navigate({ to: "/" });
        }}
      />
    </div>
  );
}
