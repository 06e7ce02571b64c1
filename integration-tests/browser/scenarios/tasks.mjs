// From a task to the files that matter.

import assert from "node:assert/strict";
import { button, field, until } from "../page.mjs";

const editor = (page) => page.getByRole("textbox", { name: "Description of the task" });
const part = (page, name) => page.getByRole("navigation", { name: "Parts of the task" }).getByRole("link", { name });
const saved = (page) => page.getByText("Saved", { exact: true }).waitFor();
const file = (page, path) => page.locator(".file", { has: page.locator(`.file-open[title="${path}"]`) });

const goToTasks = async (page) => {
  await field(page).waitFor();
  await page.getByRole("link", { name: "Tasks", exact: true }).first().click();
};

const newTask = async (page, text) => {
  await goToTasks(page);
  await button(page, "New task").first().click();
  await editor(page).click();
  await page.keyboard.insertText(text);
  await saved(page);
};

const findFiles = async (page, mode) => {
  await part(page, /^Find files/).click();
  await page.getByRole("radio", { name: mode }).check();
  await page.getByTestId("start-finder").getByRole("button", { name: "Find files" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  const id = page.url().match(/runs\/([0-9a-f-]{36})/)[1];
  await page.locator(`[data-workflow-id="${id}"][data-state="completed"]`).waitFor();
};

const counts = async (page, path) => (await file(page, path).getAttribute("data-counts")) === "true";

/** Write, improve, find with and without a model, choose, reload, restart: the same. */
export const taskToFiles = async ({ page, enter, ask }) => {
  await enter();
  await newTask(page, "Refund payments twice\n\nrefund_payment must not give money back twice for an order.");
  await page.reload();
  await editor(page).filter({ hasText: "Refund payments twice" }).waitFor();

  await findFiles(page, "The engine alone");
  await ask("the engine asked nobody");
  await part(page, /^Files/).click();
  const refund = "src/payment/refund.rs";
  await file(page, refund).waitFor();
  assert.ok(await counts(page, refund));
  await button(page, `Exclude ${refund}`).click();
  await until(page, (path) => document.querySelector(`.file:has([title="${path}"])`)?.dataset.counts === "false", refund);
  await button(page, "Undo choice").click();
  await until(page, (path) => document.querySelector(`.file:has([title="${path}"])`)?.dataset.counts === "true", refund);
  await file(page, refund).locator(".file-open").click();
  const preview = page.getByTestId("preview");
  await preview.getByText("refund_payment").first().waitFor();
  assert.match(page.url(), /file=/);
  await page.reload();
  await page.getByTestId("preview").getByText("refund_payment").first().waitFor();
  await page.getByRole("button", { name: "Close the file" }).click();

  await findFiles(page, "The engine finds, a model judges");
  await ask("the model was asked in four stages");
  await part(page, /^Files/).click();
  await file(page, "docs/payments.md").waitFor();
  await button(page, "Pin docs/payments.md").click();
  await page.locator('.file[data-counts="true"]').first().filter({ hasText: "payments.md" }).waitFor();

  await part(page, /^Description/).click();
  await button(page, "Improve…").click();
  const improve = page.getByTestId("improve");
  await improve.getByRole("button", { name: "Improve", exact: true }).click();
  await improve.getByRole("button", { name: "Apply" }).click();
  await editor(page).filter({ hasText: /^improved$/ }).waitFor();
  await saved(page);
  await button(page, "Undo").click();
  await editor(page).filter({ hasText: "Refund payments twice" }).waitFor();

  await ask("restart the server");
  await page.reload();
  await editor(page).filter({ hasText: "Refund payments twice" }).waitFor();
  await button(page, "Redo").click();
  await editor(page).filter({ hasText: /^improved$/ }).waitFor();
  await part(page, /^Files/).click();
  await page.locator('.file[data-counts="true"]').first().filter({ hasText: "payments.md" }).waitFor();
  await part(page, /^Versions/).click();
  await page.getByRole("list", { name: "Versions of the description" }).waitFor();
};

/** What somebody else wrote meanwhile is shown, and nothing of either is lost. */
export const taskConflict = async ({ page, enter, ask }) => {
  await enter();
  await newTask(page, "Mine");
  const contest = async (mine, theirs, answer) => {
    await page.route("**/UpdateTask", (route) => route.abort());
    await editor(page).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText(mine);
    await page.locator('[data-testid="save-state"][data-state="failed"]').waitFor();
    await ask(`somebody else writes ${theirs}`);
    await page.getByTestId("conflict").waitFor();
    await page.unroute("**/UpdateTask");
    await button(page, answer).click();
    await saved(page);
  };
  await contest(" and more of mine", "Theirs", "Keep mine");
  await editor(page).filter({ hasText: /^Mine and more of mine$/ }).waitFor();
  await button(page, "Undo").click();
  await editor(page).filter({ hasText: /^Theirs$/ }).waitFor();
  await contest(" and mine again", "Theirs again", "Take what is stored");
  await editor(page).filter({ hasText: /^Theirs again$/ }).waitFor();
};

/** Before anything of the repository leaves, a person is asked. */
export const taskConsent = async ({ page, enter, ask }) => {
  await enter();
  await newTask(page, "Refund payments twice");
  await part(page, /^Find files/).click();
  await page.getByRole("radio", { name: "The engine finds, a model judges" }).check();
  await page.getByTestId("start-finder").getByRole("button", { name: "Find files" }).click();
  const dialog = page.getByRole("dialog", { name: "Send contents to openai?" }).or(page.getByRole("alertdialog"));
  await dialog.waitFor();
  await ask("nothing was sent");
  await dialog.getByRole("button", { name: "Allow and go on" }).click();
  await page.locator('[data-testid="workflow"][data-state="completed"]').waitFor();
  await ask("contents were sent");
};
