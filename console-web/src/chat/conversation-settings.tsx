import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import { type Choices, choicesOf, mergeChoices } from "../conversation/choices";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";
import { SettingsDialog } from "./settings-dialog";

interface ConversationSettingsProps {
  readonly conversation: Conversation;
  readonly onClose: () => void;
}

interface Seen {
  readonly version: bigint;
  readonly choices: Choices;
}

const labels = {
  providerId: "choices.provider",
  model: "choices.model",
  language: "choices.language",
  instructions: "choices.instructions",
} as const;

/**
 * The settings of a conversation that there is. Somebody may change them while
 * the dialog is open; then both changes are joined, and only where they
 * contradict each other the person is asked. What was written stays.
 */
export function ConversationSettings({ conversation, onClose }: ConversationSettingsProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const { conversationId } = conversation;
  const [seen, setSeen] = useState<Seen>(() => ({ version: conversation.version, choices: choicesOf(conversation.settings) }));
  const [choices, setChoices] = useState(seen.choices);
  const [contested, setContested] = useState<readonly (keyof Choices)[]>([]);

  const update = (settings: Choices, expectedVersion: bigint) =>
    clients.conversations.updateConversation({ conversationId, expectedVersion, settings });

  const save = useCall(async (wanted: Choices) => {
    setContested([]);
    try {
      await update(wanted, seen.version);
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      if (!failure.is("VERSION_CONFLICT")) {
        throw failure;
      }
      const now = await current(clients, conversationId);
      const merged = mergeChoices(seen.choices, wanted, now.choices);
      setSeen(now);
      setChoices(merged.choices);
      if (merged.contested.length > 0) {
        setContested(merged.contested);
        return;
      }
      await update(merged.choices, now.version);
    }
    onClose();
  });

  const notice = (
    <>
      {save.failure && (
        <p className="inline-failure" role="alert">
          {failureText(t, save.failure)}
        </p>
      )}
      {contested.length > 0 && (
        <div className="choices-conflict" role="alert">
          <p>{t("choices.conflict")}</p>
          <ul>
            {contested.map((field) => (
              <li key={field}>
                {t(labels[field])}: <strong>{seen.choices[field] || t("choices.preferred")}</strong>
              </li>
            ))}
          </ul>
          <button
            type="button"
            className="button button-small"
            onClick={() => {
              setChoices({ ...choices, ...Object.fromEntries(contested.map((field) => [field, seen.choices[field]])) });
              setContested([]);
            }}
          >
            {t("choices.takeTheirs")}
          </button>
        </div>
      )}
    </>
  );

  return (
    <SettingsDialog
      conversationId={conversationId}
      initial={seen.choices}
      choices={choices}
      onChange={setChoices}
      pending={save.pending}
      notice={notice}
      saveLabel={contested.length > 0 ? t("choices.saveMine") : undefined}
      onSave={(wanted) => void save.run(wanted)}
      onClose={onClose}
    />
  );
}

/** The conversation as it is now; there is no call for one alone. */
async function current(clients: ReturnType<typeof useConsole>["clients"], conversationId: string): Promise<Seen> {
  const { conversation } = await clients.conversations.getTranscript({ conversationId, pageSize: 1 });
  return { version: conversation?.version ?? 0n, choices: choicesOf(conversation?.settings) };
}
