import { createClient } from "@connectrpc/connect";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { browserTransport } from "../api/clients";
import { CallFailure } from "../api/failure";
import type { Session, SignedOutCause } from "../api/session";
import { RuntimeRegistry } from "../gen/banto/v1/runtime_registry_pb";
import { failureText } from "../ui/failure-text";
import { useSession } from "./console-context";
import { LanguageChoice } from "./language-choice";
import "./sign-in-page.css";

const causeKeys = {
  refused: "signIn.refused",
  "launch-failed": "signIn.launchFailed",
  "signed-out": "signIn.signedOut",
} as const satisfies Partial<Record<SignedOutCause, string>>;

/** Asks the server with `token`; any method of scope read will do. */
async function check(token: string): Promise<void> {
  const transport = browserTransport({ token: () => token, refused: () => undefined }, { unary: true });
  await createClient(RuntimeRegistry, transport).listRuntimes({});
}

interface SignInPageProps {
  readonly session: Session;
  readonly checkToken?: (token: string) => Promise<void>;
}

export function SignInPage({ session, checkToken = check }: SignInPageProps) {
  const { t } = useTranslation();
  const { cause } = useSession(session);
  const [text, setText] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState("");
  const field = useId();
  const problemId = useId();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const token = text.trim();
    if (token === "") {
      setProblem(t("signIn.empty"));
      return;
    }
    setPending(true);
    setProblem("");
    try {
      await checkToken(token);
      session.signIn(token);
    } catch (thrown) {
      const failure = CallFailure.from(thrown);
      setProblem(failure.unauthenticated ? t("signIn.wrong") : failureText(t, failure));
      setPending(false);
    }
  };

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/banto.svg" alt="" width="40" height="40" />
        <h1>{t("signIn.title")}</h1>
        <p className="soft">{t("signIn.lead")}</p>
        {cause !== "none" && (
          <p className="notice" role="status">
            {t(causeKeys[cause])}
          </p>
        )}
        <form onSubmit={(event) => void submit(event)} noValidate>
          <label htmlFor={field}>{t("signIn.label")}</label>
          <input
            id={field}
            className="field mono"
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-invalid={problem !== ""}
            aria-describedby={problem === "" ? undefined : problemId}
          />
          {problem !== "" && (
            <p className="inline-failure" id={problemId} role="alert">
              {problem}
            </p>
          )}
          <button type="submit" className="button button-primary" disabled={pending}>
            {pending ? t("signIn.checking") : t("signIn.submit")}
          </button>
        </form>
        <section aria-labelledby={`${field}-how`}>
          <h2 id={`${field}-how`}>{t("signIn.how")}</h2>
          <p>{t("signIn.howCommand")}</p>
          <pre>
            <code>banto token</code>
          </pre>
          <p>{t("signIn.howLink")}</p>
        </section>
        <LanguageChoice />
      </div>
    </main>
  );
}
