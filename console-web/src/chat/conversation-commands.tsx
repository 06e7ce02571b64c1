import { useMatchRoute, useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { failureText } from "../ui/failure-text";
import { IconButton } from "../ui/icon-button";
import { useCall } from "../ui/use-call";
import { RenameDialog } from "./rename-dialog";

interface ConversationCommandsProps {
  readonly conversation: Conversation;
  readonly title: string;
  readonly onChanged?: () => void;
}

/** The menu of a conversation, open from the beginning, and its dialogs. */
export function ConversationCommands({ conversation, title, onChanged }: ConversationCommandsProps) {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const navigate = useNavigate();
  const matchRoute = useMatchRoute();
  const [dialog, setDialog] = useState<"rename" | "delete">();
  const { conversationId } = conversation;
  const archived = conversation.archivedAt !== undefined;

  const archive = useCall(async () => {
    await clients.conversations.updateConversation({ conversationId, archived: !archived });
    onChanged?.();
  });
  const remove = useCall(async () => {
    const open = matchRoute({ to: "/c/$conversationId", params: { conversationId } }) !== false;
    await clients.conversations.deleteConversation({ conversationId });
    setDialog(undefined);
    onChanged?.();
    if (open) {
      await navigate({ to: "/" });
    }
  });

  return (
    <>
      <DropdownMenu.Root defaultOpen>
        <DropdownMenu.Trigger asChild>
          <IconButton icon={Ellipsis} label={t("conversations.actions", { title })} className="conversation-menu" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end">
            <DropdownMenu.Item className="menu-item" onSelect={() => setDialog("rename")}>
              <Pencil aria-hidden="true" size={15} /> {t("conversations.rename")}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item" onSelect={() => void archive.run()}>
              {archived ? <ArchiveRestore aria-hidden="true" size={15} /> : <Archive aria-hidden="true" size={15} />}
              {archived ? t("conversations.unarchive") : t("conversations.archive")}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item menu-item-danger" onSelect={() => setDialog("delete")}>
              <Trash2 aria-hidden="true" size={15} /> {t("conversations.delete")}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {archive.failure && (
        <p className="inline-failure conversation-failure" role="alert">
          {failureText(t, archive.failure)}
        </p>
      )}
      {dialog === "rename" && (
        <RenameDialog conversation={conversation} onClose={() => setDialog(undefined)} onRenamed={() => onChanged?.()} />
      )}
      <ConfirmDialog
        open={dialog === "delete"}
        title={t("conversations.deleteTitle")}
        text={t("conversations.deleteText", { title })}
        action={t("conversations.delete")}
        pending={remove.pending}
        failure={remove.failure && failureText(t, remove.failure)}
        onConfirm={() => void remove.run()}
        onClose={() => {
          remove.forget();
          setDialog(undefined);
        }}
      />
    </>
  );
}
