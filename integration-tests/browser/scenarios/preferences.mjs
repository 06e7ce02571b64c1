// What a person chooses: for one conversation, and for all of them.

import assert from "node:assert/strict";
import { button, conversations, field, messages, replied, send, talk } from "../page.mjs";

/** The fields of the conversation settings, once they are open. */
const openSettings = async (page) => {
  await page.getByRole("button", { name: /^Conversation settings/ }).click();
  const dialog = page.getByRole("dialog", { name: "Conversation settings" });
  await dialog.waitFor();
  return {
    dialog,
    model: dialog.getByRole("combobox", { name: "Model", exact: true }),
    instructions: dialog.getByRole("textbox", { name: "Instructions" }),
  };
};

/** What is chosen for a conversation reaches the model, from the first message on, and stays. */
export const choices = async ({ page, enter, ask }) => {
  await enter();
  await field(page).fill("What do you like?");
  const before = await openSettings(page);
  await before.model.fill("a-model-of-mine");
  await before.instructions.fill("Speak of trains.");
  await button(before.dialog, "Show the prompt").click();
  const preview = before.dialog.getByRole("region", { name: "Prompt preview" });
  await preview.filter({ hasText: "Speak of trains." }).waitFor();
  await before.instructions.fill("Speak of boats.");
  await preview.filter({ hasText: "Speak of boats." }).waitFor();
  await ask("nothing was sent");
  await button(before.dialog, "Save").click();
  await before.dialog.waitFor({ state: "detached" });
  await page.reload();
  await button(page, "Conversation settings: a-model-of-mine").waitFor();
  assert.equal(await field(page).inputValue(), "What do you like?");
  await button(page, "Send").click();
  await replied(page, "Ships", "completed");
  await ask("a-model-of-mine was told of boats");

  const meter = page.getByRole("meter", { name: "Context" });
  const share = Number(await meter.getAttribute("aria-valuenow"));
  assert.ok(share > 0 && share < 100, `the context is full to ${share} %`);
  assert.match(await meter.getAttribute("aria-valuetext"), /about [\d,]+ of [\d,]+ tokens/);
  const beside = page.locator(".conversation-meter", { has: meter });
  await beside.getByText(`Context ${share}%`, { exact: true }).waitFor();
  const sum = beside.locator(".conversation-usage");
  await sum.filter({ hasText: "10,000" }).filter({ hasText: "2,000" }).filter({ hasText: "$0.012" }).waitFor();

  const after = await openSettings(page);
  assert.equal(await after.model.inputValue(), "a-model-of-mine");
  assert.equal(await after.instructions.inputValue(), "Speak of boats.");
  await after.model.fill("another-model");
  await after.instructions.fill("Speak of trains.");
  await button(after.dialog, "Save").click();
  await after.dialog.waitFor({ state: "detached" });
  await button(page, "Conversation settings: another-model").waitFor();
  await page.reload();
  await button(page, "Conversation settings: another-model").waitFor();
  const kept = await openSettings(page);
  assert.equal(await kept.model.inputValue(), "another-model");
  assert.equal(await kept.instructions.inputValue(), "Speak of trains.");
  await button(kept.dialog, "Cancel").click();
  await kept.dialog.waitFor({ state: "detached" });
  await talk(page, "And now?", "Locomotives");
  await ask("another-model was told of trains");

  await page.getByRole("link", { name: "New conversation" }).first().click();
  await button(page, "Conversation settings: test-model").waitFor();
};

const saved = (page) => page.getByRole("status").filter({ hasText: "Saved." });

/** Once the day has cost as much as it may, a message is refused, and stays where it was written. */
export const spending = async ({ page, enter }) => {
  await enter();
  await field(page).waitFor();
  const limit = page.getByRole("textbox", { name: "Limit for a day, in US dollars" });
  const goToSpending = async () => {
    await page.getByRole("link", { name: "Settings", exact: true }).click();
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Spending" }).click();
    await limit.waitFor();
  };
  await goToSpending();
  await limit.fill("two");
  await page.getByRole("alert").waitFor();
  assert.ok(await button(page, "Save").isDisabled(), "no amount is no limit");
  await limit.fill("0.001");
  await button(page, "Save").click();
  await saved(page).waitFor();

  await page.getByRole("link", { name: "New conversation" }).first().click();
  await talk(page, "Something dear", "Dear");
  await page.locator(".conversation-usage").filter({ hasText: "$0.002" }).waitFor();
  await send(page, "One too many");
  const notice = page.getByRole("alert").filter({ hasText: "Not sent." });
  await notice.filter({ hasText: /spend limit of the day/ }).waitFor();
  assert.equal(await field(page).inputValue(), "One too many");
  assert.equal(await messages(page, "user").count(), 1);

  await goToSpending();
  assert.equal(await limit.inputValue(), "0.001");
  await limit.fill("");
  await button(page, "Save").click();
  await saved(page).waitFor();
  await conversations(page).getByRole("link", { name: "Something dear" }).click();
  await messages(page, "user").filter({ hasText: "Something dear" }).waitFor();
  assert.equal(await field(page).inputValue(), "One too many");
  await button(page, "Send").click();
  await replied(page, "Cheap", "completed");
  assert.equal(await messages(page, "user").count(), 2);
};

/** How long things are kept: saved, refused with the reason, and never written over somebody else's change. */
export const retention = async ({ page, enter, origin, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(`${origin}/settings/retention`);
  const days = (name) => page.getByRole("textbox", { name });
  const fields = { "Keep exact prompts": "7", "Keep events": "14", "Delete idle conversations": "30" };
  for (const [name, value] of Object.entries(fields)) {
    await days(name).fill(value);
  }
  await page.getByRole("status").filter({ hasText: "Not saved yet." }).waitFor();
  await button(page, "Save").click();
  await saved(page).waitFor();
  assert.equal(await ask("what is stored"), "7 14 30");
  await page.reload();
  for (const [name, value] of Object.entries(fields)) {
    await days(name).waitFor();
    assert.equal(await days(name).inputValue(), value);
  }

  for (const wrong of ["0", "3651", "a week", ""]) {
    await days("Keep exact prompts").fill(wrong);
    await page.getByRole("alert").filter({ hasText: "from 1 to 3650" }).waitFor();
    assert.ok(await button(page, "Save").isDisabled(), `${wrong} cannot be saved`);
  }
  await button(page, "Discard changes").click();
  assert.equal(await days("Keep exact prompts").inputValue(), "7");

  // Another client changes the same field, and one more.
  await days("Keep exact prompts").fill("21");
  await ask("another client changes it");
  await button(page, "Save").click();
  const conflict = page.locator('[data-conflict="promptDays"]');
  await conflict.filter({ hasText: "Somebody else changed “Keep exact prompts”" }).waitFor();
  assert.deepEqual(await conflict.locator("dd").allInnerTexts(), ["9", "21"]);
  assert.equal(await page.locator("[data-conflict]").count(), 1, "the other field is no conflict");
  assert.ok(await button(page, "Save").isDisabled(), "nothing is saved before it is decided");
  assert.equal(await ask("what is stored"), "9 8 30");
  await button(conflict, "Keep mine").click();
  await conflict.waitFor({ state: "detached" });
  await button(page, "Save").click();
  await saved(page).waitFor();
  assert.equal(await ask("what is stored"), "21 8 30");

  await days("Keep exact prompts").fill("35");
  await ask("another client changes it");
  await button(page, "Save").click();
  await conflict.waitFor();
  await button(conflict, "Take what is stored").click();
  await conflict.waitFor({ state: "detached" });
  assert.equal(await days("Keep exact prompts").inputValue(), "9");

  await days("Delete idle conversations").fill("");
  await button(page, "Save").click();
  await saved(page).waitFor();
  assert.equal(await ask("what is stored"), "9 8 for ever");
};

/** Two people change the settings of one conversation: what contradicts is shown, and one of them chooses. */
export const choicesContested = async ({ page, enter, ask }) => {
  await enter();
  await talk(page, "Hello", "Ships");
  const change = async (model, answer) => {
    const { dialog, ...fields } = await openSettings(page);
    await fields.model.fill(model);
    await fields.instructions.fill("Speak of boats.");
    await ask("somebody else changes the model");
    await button(dialog, "Save").click();
    await dialog.getByRole("alert").filter({ hasText: "theirs" }).waitFor();
    await button(dialog, answer).click();
    return { dialog, ...fields };
  };
  const first = await change("mine", "Take these");
  assert.equal(await first.model.inputValue(), "theirs");
  assert.equal(await first.instructions.inputValue(), "Speak of boats.");
  await button(first.dialog, "Save").click();
  await first.dialog.waitFor({ state: "detached" });
  await button(page, "Conversation settings: theirs").waitFor();
  await ask("the model is set back");
  await button(page, "Conversation settings: test-model").waitFor();
  const second = await change("mine", "Save mine");
  await second.dialog.waitFor({ state: "detached" });
  await button(page, "Conversation settings: mine").waitFor();
};

/** Where earlier messages no longer fit the window, the gauge says how many. */
export const fullContext = async ({ page, enter }) => {
  await enter();
  for (const number of [1, 2, 3]) {
    await talk(page, `${number} ${"word ".repeat(180)}`, `reply ${number}`);
  }
  await page.locator(".conversation-meter").filter({ hasText: /\d+ earlier messages no longer fit/ }).waitFor();
};
