import { Archive, ArchiveRestore, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { IconButton } from "../ui/icon-button";
import { RenameDialog } from "./rename-dialog";
import { usePutAway } from "./use-put-away";

export interface ConversationCommandsProps {
  readonly conversation: Conversation;
  readonly title: string;
  /** Told when a command changed the conversation, for lists that are not live. */
  readonly onChanged?: (() => void) | undefined;
  /** The conversation leaves the place that this menu belongs to. */
  readonly onPutAway?: (() => void) | undefined;
}

/** The menu of a conversation, open from the beginning, and its dialogs. */
export function ConversationCommands({ conversation, title, onChanged, onPutAway }: ConversationCommandsProps) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const [renaming, setRenaming] = useState(false);
  const archived = conversation.archivedAt !== undefined;
  const { archive, remove } = usePutAway(conversation, title, onChanged);

  return (
    <>
      {/* A modal one would hide the page from screen readers while the Tab key still goes there. */}
      <DropdownMenu.Root defaultOpen modal={false}>
        <DropdownMenu.Trigger asChild>
          <IconButton ref={button} icon={Ellipsis} label={t("conversations.actions", { title })} className="conversation-menu" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end">
            <DropdownMenu.Item className="menu-item" onSelect={() => setRenaming(true)}>
              <Pencil aria-hidden="true" size={15} /> {t("conversations.rename")}
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item"
              onSelect={() => {
                onPutAway?.();
                void archive(!archived);
              }}
            >
              {archived ? <ArchiveRestore aria-hidden="true" size={15} /> : <Archive aria-hidden="true" size={15} />}
              {archived ? t("conversations.unarchive") : t("conversations.archive")}
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item menu-item-danger"
              onSelect={() => {
                onPutAway?.();
                remove();
              }}
            >
              <Trash2 aria-hidden="true" size={15} /> {t("conversations.delete")}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {renaming && (
        <RenameDialog conversation={conversation} opener={button} onClose={() => setRenaming(false)} onRenamed={() => onChanged?.()} />
      )}
    </>
  );
}
