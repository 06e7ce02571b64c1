import { Code, ConnectError } from "@connectrpc/connect";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { Session } from "../api/session";
import { startLanguage } from "../i18n/language";
import { SignInPage } from "./sign-in-page";

beforeEach(() => startLanguage("en"));

describe("SignInPage", () => {
  it("says how to get a token and takes one that the server knows", async () => {
    const session = new Session(localStorage);
    render(<SignInPage session={session} checkToken={() => Promise.resolve()} />);
    expect(screen.getByText("banto token")).toBeTruthy();
    await userEvent.type(screen.getByLabelText("Access token"), "  s3cret {Enter}");
    await waitFor(() => expect(session.token()).toBe("s3cret"));
    expect(localStorage.getItem("banto.token")).toBe("s3cret");
  });

  it("keeps out a token that the server does not know", async () => {
    const session = new Session(localStorage);
    const refuse = () => Promise.reject(new ConnectError("no", Code.Unauthenticated));
    render(<SignInPage session={session} checkToken={refuse} />);
    await userEvent.type(screen.getByLabelText("Access token"), "wrong{Enter}");
    expect((await screen.findByRole("alert")).textContent).toBe("The server does not accept this token.");
    expect(session.token()).toBeUndefined();
  });

  it("says so when a token was refused", () => {
    const session = new Session(localStorage);
    session.signIn("old");
    session.refused("another");
    expect(session.token()).toBe("old");
    session.refused("old");
    render(<SignInPage session={session} />);
    expect(screen.getByRole("status").textContent).toContain("no longer accepts the token");
  });
});
