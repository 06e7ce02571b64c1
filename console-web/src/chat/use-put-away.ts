import { useMatchRoute, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../api/failure";
import type { Conversation } from "../gen/banto/v1/companion_conversation_pb";
import { useConsole } from "../shell/console-context";
import { failureText } from "../ui/failure-text";
import { showToast } from "../ui/toast";

/** Commands that take a conversation out of its list, each with a way back. */
export interface PutAway {
  readonly archive: (archived: boolean) => Promise<void>;
  readonly remove: () => void;
}

/** `onChanged` is told when the server has another conversation than before. */
export function usePutAway({ conversationId }: Pick<Conversation, "conversationId">, title: string, onChanged?: () => void): PutAway {
  const { t } = useTranslation();
  const { clients, deletions } = useConsole();
  const navigate = useNavigate();
  const matchRoute = useMatchRoute();
  const kept = (thrown: unknown) =>
    showToast({
      tone: "failed",
      text: t("conversations.keptToast", { title, cause: failureText(t, CallFailure.from(thrown)) }),
    });

  const update = async (archived: boolean) => {
    try {
      await clients.conversations.updateConversation({ conversationId, archived });
      onChanged?.();
      return true;
    } catch (thrown) {
      kept(thrown);
      return false;
    }
  };

  const archive = async (archived: boolean) => {
    if (await update(archived)) {
      showToast({
        text: t(archived ? "conversations.archivedToast" : "conversations.unarchivedToast", { title }),
        action: { label: t("toast.undo"), run: () => void update(!archived).then(() => focusConversation(conversationId)) },
      });
    }
  };

  const remove = () => {
    const here = { to: "/c/$conversationId", params: { conversationId } } as const;
    const open = matchRoute(here) !== false;
    deletions.begin(conversationId);
    showToast({
      text: t("conversations.deletedToast", { title }),
      action: {
        label: t("toast.undo"),
        run: () => {
          deletions.undo(conversationId);
          if (open) {
            void navigate(here);
          } else {
            focusConversation(conversationId);
          }
        },
      },
      onLapsed: () => void deletions.carryOut(conversationId).then(onChanged, kept),
    });
    if (open) {
      void navigate({ to: "/" });
    }
  };

  return { archive, remove };
}

/** The id of a conversation's link in the list. */
export function conversationLinkId(conversationId: string): string {
  return `conversation-${conversationId}`;
}

/** Goes to the row that came back, where there is one, so that the focus is not lost with the toast. */
function focusConversation(conversationId: string): void {
  requestAnimationFrame(() => document.getElementById(conversationLinkId(conversationId))?.focus());
}
