import { Ellipsis } from "lucide-react";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";
import type { ConversationCommandsProps } from "./conversation-commands";

// Menu and dialogs weigh more than the rest of the list, and most rows never
// open theirs.
const loadCommands = () => import("./conversation-commands");
const ConversationCommands = lazy(async () => ({ default: (await loadCommands()).ConversationCommands }));

/** The button of a conversation's menu; the menu itself comes when it is wanted. */
export function ConversationMenu(props: ConversationCommandsProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const button = (
    <IconButton
      icon={Ellipsis}
      label={t("conversations.actions", { title: props.title })}
      className="conversation-menu"
      aria-haspopup="menu"
      aria-expanded={wanted}
      onPointerEnter={() => void loadCommands()}
      onFocus={() => void loadCommands()}
      onClick={() => setWanted(true)}
    />
  );
  return wanted ? (
    <Suspense fallback={button}>
      <ConversationCommands {...props} />
    </Suspense>
  ) : (
    button
  );
}
