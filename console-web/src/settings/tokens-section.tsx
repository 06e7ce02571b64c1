import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConsole } from "../shell/console-context";
import { Loading, Refused } from "../ui/states";
import { useLoaded } from "../ui/use-loaded";
import { NewToken } from "./new-token";
import { Section } from "./section";
import { TokenList } from "./token-list";

/** `/settings/tokens` */
export function TokensSection() {
  const { t } = useTranslation();
  const { clients } = useConsole();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const { tokens: listed } = await clients.settings.listTokens({}, { signal });
      return { listed, now: Date.now() };
    },
    [clients],
  );
  const tokens = useLoaded(load);
  const [creating, setCreating] = useState(false);
  return (
    <Section section="tokens">
      <button type="button" className="button button-primary" onClick={() => setCreating(true)}>
        {t("settings.tokens.create")}
      </button>
      {creating && <NewToken onClose={() => setCreating(false)} onCreated={tokens.reload} />}
      {tokens.value === undefined &&
        (tokens.failure ? (
          <Refused failure={tokens.failure} scope="read" title={t("settings.tokens.failed")} onRetry={tokens.reload} />
        ) : (
          <Loading />
        ))}
      {tokens.value && <TokenList tokens={tokens.value.listed} now={tokens.value.now} onRevoked={tokens.reload} />}
    </Section>
  );
}
