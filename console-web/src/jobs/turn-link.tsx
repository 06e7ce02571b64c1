import { Link, useNavigate } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";
import type { Clients } from "../api/clients";
import { useConsole } from "../shell/console-context";
import { useCall } from "../ui/use-call";

interface TurnLinkProps {
  readonly conversationId: string;
  readonly turnId: string;
  readonly className?: string;
  readonly children: ReactNode;
}

const pageSize = 200;
const pages = 10;

/** Place of a turn's message in its conversation; undefined when it is not among the newer ones. */
async function sequenceOf(clients: Clients, conversationId: string, turnId: string): Promise<number | undefined> {
  let beforeSequence = 0n;
  for (let page = 0; page < pages; page += 1) {
    const { items, hasEarlier } = await clients.conversations.getTranscript({ conversationId, beforeSequence, pageSize });
    const item = items.find((candidate) => candidate.turnId === turnId);
    if (item !== undefined) {
      return Number(item.sequence);
    }
    const first = items[0];
    if (!hasEarlier || first === undefined) {
      return undefined;
    }
    beforeSequence = first.sequence;
  }
  return undefined;
}

/** The way to a turn: its conversation, at the message that began it. */
export function TurnLink({ conversationId, turnId, className, children }: TurnLinkProps) {
  const { clients } = useConsole();
  const navigate = useNavigate();
  const go = useCall(async () => {
    const at = await sequenceOf(clients, conversationId, turnId).catch(() => undefined);
    await navigate({ to: "/c/$conversationId", params: { conversationId }, search: at === undefined ? {} : { at } });
  });
  return (
    <Link
      to="/c/$conversationId"
      params={{ conversationId }}
      className={className}
      preload={false}
      aria-busy={go.pending}
      onClick={(event: MouseEvent) => {
        // Into another tab it goes as any link does.
        if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
          event.preventDefault();
          void go.run();
        }
      }}
    >
      {children}
    </Link>
  );
}
