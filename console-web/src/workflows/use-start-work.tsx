import { Suspense, lazy, useRef, useState } from "react";
import type { ReactNode } from "react";
import { CallFailure } from "../api/failure";
import { clientId } from "../conversation/client-id";
import { repeated } from "../conversation/deliver";
import { useCall } from "../ui/use-call";

const ConsentDialog = lazy(async () => ({ default: (await import("../workspaces/consent-dialog")).ConsentDialog }));

interface StartWork {
  readonly start: () => void;
  readonly pending: boolean;
  readonly failure: CallFailure | undefined;
  /** The question that stands between, while there is one. */
  readonly question: ReactNode;
}

/**
 * Starts what may need consent: where it is missing, a person is asked, and it
 * is started again. `call` gets an id that stays the same for the same start.
 */
export function useStartWork(workspaceId: string, call: (requestId: string) => Promise<void>): StartWork {
  const [providerId, setProviderId] = useState<string>();
  const requestId = useRef<string>(undefined);
  const { run, pending, failure, forget } = useCall(async () => {
    requestId.current ??= clientId();
    const id = requestId.current;
    try {
      await repeated(() => call(id));
      requestId.current = undefined;
    } catch (thrown) {
      const refusal = CallFailure.from(thrown);
      if (!refusal.unknownOutcome) {
        requestId.current = undefined;
      }
      const wanted = refusal.metadata["provider_id"];
      if (!refusal.is("CONSENT_REQUIRED") || wanted === undefined) {
        throw refusal;
      }
      setProviderId(wanted);
    }
  });
  const question = providerId !== undefined && (
    <Suspense fallback={null}>
      <ConsentDialog
        workspaceId={workspaceId}
        providerId={providerId}
        onAllowed={() => {
          setProviderId(undefined);
          void run();
        }}
        onClose={() => {
          setProviderId(undefined);
          forget();
        }}
      />
    </Suspense>
  );
  return { start: () => void run(), pending, failure, question };
}
