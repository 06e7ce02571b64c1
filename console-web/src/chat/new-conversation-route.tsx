import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "../shell/document-title";
import "./chat.css";
import { CompanionNotice } from "./companion-notice";
import { Composer } from "./composer";
import { companionBlock, useCompanion } from "./use-companion";

/** `/`: a conversation that begins with its first message. */
export function NewConversationRoute() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const companion = useCompanion(undefined);
  useDocumentTitle(t("conversations.new"));
  return (
    <div className="chat">
      <div className="chat-welcome">
        <h1>{t("chat.welcome")}</h1>
        <p className="soft">{t("chat.welcomeText")}</p>
      </div>
      <div className="chat-foot">
        {companion && <CompanionNotice companion={companion} />}
        <Composer
          conversationId={undefined}
          blocked={companionBlock(companion)}
          running={undefined}
          onSent={(conversationId) =>
            void navigate({ to: "/c/$conversationId", params: { conversationId }, replace: true })
          }
        />
      </div>
    </div>
  );
}
