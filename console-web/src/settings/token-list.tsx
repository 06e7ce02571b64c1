import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Token } from "../gen/banto/v1/settings_pb";
import { useConsole } from "../shell/console-context";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { exactMomentText, momentText } from "../ui/format";
import { failureText } from "../ui/failure-text";
import { useCall } from "../ui/use-call";
import { scopeKey } from "./scopes";

interface TokenListProps {
  readonly tokens: readonly Token[];
  /** When they were listed, in milliseconds: what was good then. */
  readonly now: number;
  readonly onRevoked: () => void;
}

type TokenState = "active" | "expired" | "revoked";

function stateOf({ revokedAt, expiresAt }: Token, now: number): TokenState {
  if (revokedAt !== undefined) {
    return "revoked";
  }
  return expiresAt !== undefined && timestampMs(expiresAt) <= now ? "expired" : "active";
}

const tones = { active: "good", expired: "warning", revoked: "bad" } as const;

/** Those that are good for something; the others on request. */
export function TokenList({ tokens, now, onRevoked }: TokenListProps) {
  const { t } = useTranslation();
  const { clients, session } = useConsole();
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<Token>();
  const revoke = useCall(async (tokenId: string) => {
    await clients.settings.revokeToken({ tokenId });
    setAsked(undefined);
    onRevoked();
  });
  const active = tokens.filter((token) => stateOf(token, now) === "active");
  const shown = all ? tokens : active;
  return (
    <>
      <ul className="cards" aria-label={t("settings.tokens.title")}>
        {shown.map((token) => (
          <TokenItem
            key={token.tokenId}
            token={token}
            state={stateOf(token, now)}
            own={token.tokenId === session.tokenId()}
            onRevoke={() => setAsked(token)}
          />
        ))}
      </ul>
      {tokens.length > active.length && (
        <button type="button" className="button button-small" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("settings.tokens.hideOld") : t("settings.tokens.showOld", { count: tokens.length - active.length })}
        </button>
      )}
      <ConfirmDialog
        open={asked !== undefined}
        title={t("settings.tokens.revokeTitle", { name: asked?.name ?? "" })}
        text={asked?.tokenId === session.tokenId() ? t("settings.tokens.revokeOwnText") : t("settings.tokens.revokeText")}
        action={t("settings.tokens.revoke")}
        pending={revoke.pending}
        failure={revoke.failure && (revoke.failure.is("SCOPE_DENIED") ? t("error.forbidden", { scope: "all" }) : failureText(t, revoke.failure))}
        onConfirm={() => void (asked && revoke.run(asked.tokenId))}
        onClose={() => {
          revoke.forget();
          setAsked(undefined);
        }}
      />
    </>
  );
}

interface TokenItemProps {
  readonly token: Token;
  readonly state: TokenState;
  readonly own: boolean;
  readonly onRevoke: () => void;
}

function TokenItem({ token, state, own, onRevoke }: TokenItemProps) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  return (
    <li className="card" data-token-id={token.tokenId} data-state={state}>
      <div className="card-head">
        <h2>{token.name}</h2>
        <span className="badge" data-tone={tones[state]}>
          {t(`settings.tokens.${state}`)}
        </span>
        {own && <span className="tag">{t("settings.tokens.own")}</span>}
        {state === "active" && (
          <button
            type="button"
            className="button button-small card-command"
            aria-label={t("settings.tokens.revokeNamed", { name: token.name })}
            onClick={onRevoke}
          >
            {t("settings.tokens.revoke")}
          </button>
        )}
      </div>
      <dl className="card-facts">
        <div>
          <dt>{t("settings.tokens.scope")}</dt>
          <dd>{t(`settings.tokens.scopes.${scopeKey(token.scope)}`)}</dd>
        </div>
        <div>
          <dt>{t("settings.tokens.workspaces")}</dt>
          <dd className={token.workspaceIds.length === 0 ? undefined : "mono"}>
            {token.workspaceIds.length === 0 ? t("settings.tokens.allWorkspaces") : token.workspaceIds.join(", ")}
          </dd>
        </div>
        <div>
          <dt>{state === "expired" ? t("settings.tokens.expiredAt") : t("settings.tokens.expires")}</dt>
          <dd>{token.expiresAt ? exactMomentText(token.expiresAt, language) : t("settings.tokens.never")}</dd>
        </div>
        <div>
          <dt>{t("settings.tokens.lastUsed")}</dt>
          <dd>{token.lastUsedAt ? momentText(token.lastUsedAt, language) : t("settings.tokens.notUsed")}</dd>
        </div>
        {token.createdAt && (
          <div>
            <dt>{t("settings.tokens.created")}</dt>
            <dd>{momentText(token.createdAt, language)}</dd>
          </div>
        )}
        {token.revokedAt && (
          <div>
            <dt>{t("settings.tokens.revokedAt")}</dt>
            <dd>{momentText(token.revokedAt, language)}</dd>
          </div>
        )}
      </dl>
    </li>
  );
}
