// What is written and not yet sent.

import assert from "node:assert/strict";
import { button, conversations, field, messages, replied, talk } from "../page.mjs";

/** Each conversation has a draft of its own, and a reload loses none. */
export const drafts = async ({ page, enter }) => {
  await enter();
  await talk(page, "The first", "Noted");
  const first = page.url();
  await field(page).fill("a draft for the first");
  await page.getByRole("link", { name: "New conversation" }).first().click();
  await page.waitForURL((url) => url.pathname === "/");
  assert.equal(await field(page).inputValue(), "");
  await talk(page, "The second", "Noted");
  await field(page).fill("a draft for the second\nof two lines");
  await conversations(page).getByRole("link", { name: "The first" }).click();
  await page.waitForURL(first);
  assert.equal(await field(page).inputValue(), "a draft for the first");
  await conversations(page).getByRole("link", { name: "The second" }).click();
  await messages(page, "user").filter({ hasText: "The second" }).waitFor();
  assert.equal(await field(page).inputValue(), "a draft for the second\nof two lines");
  await page.reload();
  await field(page).waitFor();
  assert.equal(await field(page).inputValue(), "a draft for the second\nof two lines");
};

/** A message that the server refuses stays where it was written. */
export const refusedSend = async ({ page, enter, ask }) => {
  await enter();
  await talk(page, "Goes through", "Noted");
  await field(page).fill("One too many");
  await field(page).press("Enter");
  const notice = page.getByRole("alert").filter({ hasText: "Not sent." });
  await notice.waitFor();
  assert.match(await notice.innerText(), /limit/i);
  assert.equal(await field(page).inputValue(), "One too many");
  assert.equal(await messages(page, "user").count(), 1);
  await page.reload();
  await field(page).waitFor();
  assert.equal(await field(page).inputValue(), "One too many", "a reload keeps it");
  await ask("raise the limit");
  await button(page, "Send").click();
  await replied(page, "Noted", "completed");
  await messages(page, "user").filter({ hasText: "One too many" }).waitFor();
  assert.equal(await messages(page, "user").count(), 2);
  assert.equal(await field(page).inputValue(), "");
};

/** Enter sends, Shift+Enter makes a line, an empty message goes nowhere. */
export const enterKey = async ({ page, enter }) => {
  await enter();
  await field(page).press("Enter");
  await field(page).pressSequentially("   ");
  await field(page).press("Enter");
  assert.equal(new URL(page.url()).pathname, "/", "nothing was sent");
  await field(page).fill("");
  const before = (await field(page).boundingBox()).height;
  await field(page).pressSequentially("one");
  await field(page).press("Shift+Enter");
  await field(page).pressSequentially("two");
  assert.equal(await field(page).inputValue(), "one\ntwo");
  assert.ok((await field(page).boundingBox()).height > before, "the composer grows");
  await field(page).press("Enter");
  await replied(page, "Noted", "completed");
  assert.equal(await messages(page, "user").last().locator(".message-text").innerText(), "one\ntwo");
  assert.equal((await field(page).boundingBox()).height, before, "and shrinks again");
};
