import type { Clients } from "../api/clients";
import { CallFailure } from "../api/failure";
import type { Attempt } from "./drafts";

/** Pauses before a call whose answer was lost is made again. */
const pauses = [300, 1200];

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Sends a message, in a new conversation if there is none yet. Calls whose
 * answer was lost are repeated with the same ids, which is safe: the server
 * carries each id out once.
 */
export async function deliver(
  clients: Pick<Clients, "conversations">,
  conversationId: string | undefined,
  attempt: Attempt,
  wait = pauseFor,
): Promise<string> {
  const target = conversationId ?? (await repeated(() => create(clients, attempt), wait));
  await repeated(
    () =>
      clients.conversations.sendMessage({
        conversationId: target,
        clientMessageId: attempt.clientMessageId,
        text: attempt.text,
      }),
    wait,
  );
  return target;
}

async function create(clients: Pick<Clients, "conversations">, { requestId, choices }: Attempt): Promise<string> {
  const { conversation } = await clients.conversations.createConversation({
    requestId,
    ...(choices && { settings: choices }),
  });
  return conversation?.conversationId ?? "";
}

/** Makes a call whose answer was lost again. It must carry the same id each time. */
export async function repeated<T>(call: () => Promise<T>, wait = pauseFor): Promise<T> {
  for (const pause of pauses) {
    try {
      return await call();
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      if (!failure.unknownOutcome) {
        throw failure;
      }
    }
    await wait(pause);
  }
  return call();
}
