import { SlidersHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";

interface SettingsButtonProps {
  /** Who answers with these settings, in a word. */
  readonly answers: string;
  /** Somebody is about to press it. */
  readonly onPrepare: () => void;
  readonly onOpen: () => void;
}

/** Opens the settings of a conversation, and says who answers in it. */
export function SettingsButton({ answers, onPrepare, onOpen }: SettingsButtonProps) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      className="settings-button"
      aria-haspopup="dialog"
      aria-label={answers === "" ? t("choices.title") : `${t("choices.title")}: ${answers}`}
      title={t("choices.title")}
      onPointerEnter={onPrepare}
      onFocus={onPrepare}
      onClick={onOpen}
    >
      <span className="settings-button-text">{answers}</span>
      <SlidersHorizontal aria-hidden="true" size={15} />
    </button>
  );
}
