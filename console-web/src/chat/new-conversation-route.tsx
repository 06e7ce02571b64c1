import { useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Choices, noChoices } from "../conversation/choices";
import { loadNewChoices, saveNewChoices } from "../conversation/drafts";
import { FirstRunSlot } from "../first-run/first-run-slot";
import { useDocumentTitle } from "../shell/document-title";
import { answering } from "./answering";
import "./chat.css";
import { CompanionNotice } from "./companion-notice";
import { Composer } from "./composer";
import { SettingsButton } from "./settings-button";
import { companionBlock, useCompanion } from "./use-companion";

const loadDialog = () => import("./settings-dialog");
const SettingsDialog = lazy(async () => ({ default: (await loadDialog()).SettingsDialog }));

/** `/`: a conversation that begins with its first message. */
export function NewConversationRoute() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const companion = useCompanion(undefined);
  const [choices, setChoices] = useState(() => loadNewChoices(localStorage));
  const [settings, setSettings] = useState(false);
  // Another draft was put in place of the one that the composer holds.
  const [drafts, setDrafts] = useState(0);
  useDocumentTitle(t("conversations.new"));
  const choose = (chosen: Choices) => {
    setChoices(chosen);
    saveNewChoices(localStorage, chosen);
  };
  return (
    <div className="chat">
      <header className="chat-head">
        <SettingsButton
          answers={answering(t, choices, companion)}
          onPrepare={() => void loadDialog()}
          onOpen={() => setSettings(true)}
        />
        {settings && (
          <Suspense fallback={null}>
            <SettingsDialog
              conversationId={undefined}
              initial={choices}
              onSave={(chosen) => {
                choose(chosen);
                setSettings(false);
              }}
              onClose={() => setSettings(false)}
            />
          </Suspense>
        )}
      </header>
      <div className="chat-welcome">
        <h1>{t("chat.welcome")}</h1>
        <p className="soft">{t("chat.welcomeText")}</p>
        <FirstRunSlot companion={companion} onDraft={() => setDrafts(drafts + 1)} />
      </div>
      <div className="chat-foot">
        {companion && <CompanionNotice companion={companion} />}
        <Composer
          key={drafts}
          conversationId={undefined}
          blocked={companionBlock(companion)}
          running={undefined}
          choices={choices}
          onSent={(conversationId) => {
            choose(noChoices);
            void navigate({ to: "/c/$conversationId", params: { conversationId }, replace: true });
          }}
        />
      </div>
    </div>
  );
}
