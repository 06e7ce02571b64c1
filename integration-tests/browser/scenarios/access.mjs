// Who may see the console, and over what.

import assert from "node:assert/strict";
import { button, field, messages, replied, send, signIn, transcript } from "../page.mjs";
import { plainName } from "../stage.mjs";

/** Plain HTTP on a name that is not localhost: no secure context, and no worker to share. */
export const plainHttp = async ({ page, context, network, origin, ask }) => {
  const plain = new URL(origin);
  plain.hostname = plainName;
  network.ours(plain.href);
  await page.goto(plain.href);
  await signIn(page, await ask("a token"));
  await field(page).waitFor();
  assert.equal(await page.evaluate(() => globalThis.isSecureContext), false);

  await send(page, "Over plain HTTP");
  await replied(page, "half", "running");
  await ask("open the gate");
  await replied(page, "half and whole", "completed");

  await button(page, "Copy message").last().click();
  await page.getByText("Copied", { exact: true }).waitFor();
  await field(page).press("ControlOrMeta+v");
  assert.equal(await field(page).inputValue(), "half and whole", "what was copied can be pasted");

  await page.reload();
  await replied(page, "half and whole", "completed");
  const second = await context.newPage();
  await second.goto(page.url());
  await replied(second, "half and whole", "completed");
  await send(second, "From the second tab");
  await replied(second, "Once more", "completed");
  await page.bringToFront();
  await replied(page, "Once more", "completed");
  assert.equal(await messages(page, "user").count(), 2);
};

/** Whoever's token is revoked is asked for another, and told why. */
export const revoked = async ({ page, origin, ask }) => {
  await page.goto(origin);
  await page.getByRole("heading", { name: "Sign in to Banto" }).waitFor();
  await signIn(page, "bnt_wrong");
  await page.getByRole("alert").filter({ hasText: "does not accept this token" }).waitFor();
  await signIn(page, await ask("a token"));
  await field(page).fill("kept until later");
  await ask("revoke it");
  await page.getByText("no longer accepts the token").waitFor();
  assert.equal(await transcript(page).count(), 0, "nothing of the console is left on the page");
  await signIn(page, await ask("a token"));
  await field(page).waitFor();
  assert.equal(await field(page).inputValue(), "kept until later");
};

/** A launch link works also in a tab that is at the sign-in page already, and only once. */
export const launchLater = async ({ page, enter, origin }) => {
  await page.goto(origin);
  const signInPage = page.getByRole("heading", { name: "Sign in to Banto" });
  const withoutCode = () => page.waitForURL(`${origin}/`);
  await signInPage.waitFor();
  await enter();
  await field(page).waitFor();
  await withoutCode();

  // Whoever is signed in already loses nothing by a link that is used up.
  await field(page).fill("half a thought");
  const refused = page.waitForResponse((response) => response.url().endsWith("/CreateToken"));
  await enter();
  await withoutCode();
  await (await refused).finished();
  assert.equal(await field(page).inputValue(), "half a thought");
  await button(page, "Sign out").click();
  await signInPage.waitFor();
  await enter();
  await page.getByText("The link could not be used.").waitFor();
  await withoutCode();
};
