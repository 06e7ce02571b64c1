// The whole chat page without a mouse.

import assert from "node:assert/strict";
import { keepsFocus, press, walkTo } from "../hands.mjs";
import { button, conversations, field, messages, replied, talk, transcript } from "../page.mjs";

export const keyboard = async ({ page, origin, ask }) => {
  await page.goto(origin);
  const { keyboard: keys } = page;
  const token = page.getByLabel("Access token");
  await token.waitFor();
  await walkTo(page, token);
  await keys.insertText(await ask("a token"));
  await keys.press("Enter");

  await field(page).waitFor();
  await walkTo(page, field(page));
  await keys.insertText("First by hand");
  await keys.press("Enter");
  await replied(page, "Hello", "completed");
  await keepsFocus(page, "sending");

  await walkTo(page, field(page));
  await keys.insertText("Never end");
  await keys.press("Enter");
  await replied(page, "so far", "running");
  await press(page, button(page, "Stop"));
  await replied(page, "so far", "cancelled");
  await keepsFocus(page, "stopping");
  await ask("the model was hung up on");

  await press(page, button(page, "Retry"), "Enter", "Shift+Tab");
  await replied(page, "Retried", "completed");
  await keepsFocus(page, "a retry");
  await press(page, button(page, "Regenerate"), "Enter", "Shift+Tab");
  await replied(page, "Regenerated", "completed");
  await keepsFocus(page, "regenerating");

  await press(page, messages(page, "assistant").last().getByRole("button", { name: "Copy message" }), "Enter", "Shift+Tab");
  await page.getByText("Copied", { exact: true }).waitFor();
  await keepsFocus(page, "copying");
  await walkTo(page, field(page));
  await keys.press("ControlOrMeta+v");
  assert.equal(await field(page).inputValue(), "Regenerated");
  await keys.press("ControlOrMeta+a");
  await keys.press("Delete");

  await keys.press("ArrowUp");
  const edited = page.getByRole("textbox", { name: "Edited message" });
  await edited.waitFor();
  await keys.press("Escape");
  await edited.waitFor({ state: "detached" });
  await keepsFocus(page, "leaving an edit");
  await walkTo(page, field(page));
  await keys.press("ArrowUp");
  await edited.waitFor();
  await keys.press("ControlOrMeta+a");
  await keys.insertText("Begin another branch");
  const before = page.url();
  await keys.press("Enter");
  await page.waitForURL((url) => url.href !== before);
  await replied(page, "Branched", "completed");
  await keepsFocus(page, "a fork");

  await walkTo(page, transcript(page), "Shift+Tab");
  await keys.press("PageUp");
};

/** The list of conversations, its menus and dialogs, and the way to the other pages. */
export const keyboardList = async ({ page, enter }) => {
  const { keyboard: keys } = page;
  await enter();
  await talk(page, "The first", "Hello");
  const before = page.url();
  await press(page, page.getByRole("link", { name: "New conversation", exact: true }).first(), "Enter", "Shift+Tab");
  await page.waitForURL((url) => url.pathname === "/");
  await keepsFocus(page, "beginning a conversation");
  await talk(page, "The second", "Hello");

  // The newest comes first in the list.
  const actions = conversations(page).getByRole("button").first();
  const choose = async (item) => {
    await press(page, actions, "Enter", "Shift+Tab");
    await page.getByRole("menu").waitFor();
    const entry = page.getByRole("menuitem", { name: item, exact: true });
    await walkTo(page, entry, "ArrowDown");
    await keys.press("Enter");
  };
  await press(page, actions, "Enter", "Shift+Tab");
  await page.getByRole("menu").waitFor();
  await keys.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await keepsFocus(page, "leaving a menu");
  await choose("Rename");
  await page.getByRole("textbox", { name: "Title" }).waitFor();
  await keys.press("ControlOrMeta+a");
  await keys.insertText("Renamed by hand");
  await keys.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await conversations(page).getByRole("link", { name: "Renamed by hand" }).waitFor();
  await keepsFocus(page, "renaming");
  await choose("Archive");
  await conversations(page).getByRole("link", { name: "Renamed by hand" }).waitFor({ state: "detached" });
  await keepsFocus(page, "archiving");

  await press(page, conversations(page).getByRole("link").first(), "Enter", "Shift+Tab");
  await page.waitForURL(before);
  await keepsFocus(page, "opening a conversation");
  await choose("Delete");
  await page.waitForURL((url) => url.pathname === "/");
  await keepsFocus(page, "deleting");
  await press(page, button(page.locator(".toast", { hasText: "Deleted" }), "Undo"));
  await conversations(page).getByRole("link", { name: "The first" }).waitFor();
  await keepsFocus(page, "taking a deletion back");

  for (const [name, path] of [["Runtimes and workers", "/runtimes"], ["Jobs", "/jobs"], ["New conversation", "/"]]) {
    await press(page, page.getByRole("link", { name, exact: true }).first(), "Enter", "Shift+Tab");
    await page.waitForURL((url) => url.pathname === path);
    await keepsFocus(page, `going to ${path}`);
  }
};
