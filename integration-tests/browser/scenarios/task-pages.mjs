// Tasks: written, improved, searched for, chosen from, and there again later.

import assert from "node:assert/strict";
import { button, replied, talk, until } from "../page.mjs";

const description = (page) => page.getByRole("textbox", { name: "Description of the task" });
const saveState = (page, state) => page.locator(`[data-testid="save-state"][data-state="${state}"]`);
const parts = (page) => page.getByRole("navigation", { name: "Parts of the task" });
const part = (page, name) => parts(page).getByRole("link", { name });
const files = (page) => page.getByRole("list", { name: "Files of the task" });
const file = (page, path) => files(page).locator(`[data-path="${path}"]`);
const sums = (page) => page.getByTestId("file-sums");
const workflow = (page, state) => page.locator(`[data-testid="workflow"][data-state="${state}"]`);

/** What stands in the editor, but for what it says while it is empty. */
const reads = (page, text) =>
  until(
    page,
    (wanted) =>
      [...document.querySelectorAll("[data-testid=description-editor] .cm-line")]
        .map((line) => (line.querySelector(".cm-placeholder") === null ? line.textContent : ""))
        .join("\n") === wanted,
    text,
  );

const newTask = async (page, text) => {
  await page.getByRole("link", { name: "Tasks", exact: true }).click();
  await button(page, "New task").click();
  // A new task is there to be written.
  await page.locator(".cm-content:focus").waitFor();
  await page.keyboard.insertText(text);
  await saveState(page, "saved").waitFor();
  await page.getByRole("heading", { level: 1, name: text.split("\n")[0].replace(/^# /, "") }).waitFor({ state: "attached" });
};

/** What is written saves itself, survives a reload, and can be gone back on. */
export const describeTask = async ({ page, enter }) => {
  await enter();
  await newTask(page, "# Sort the list 👍\n\n並び順を直す。");
  await page.keyboard.insertText(" And more.");
  await page.locator('[data-testid="save-state"]:not([data-state="saved"])').waitFor();
  await saveState(page, "saved").waitFor();
  const whole = "# Sort the list 👍\n\n並び順を直す。 And more.";

  await page.reload();
  await reads(page, whole);
  await button(page, "Undo").click();
  await reads(page, "# Sort the list 👍\n\n並び順を直す。");
  await page.reload();
  await reads(page, "# Sort the list 👍\n\n並び順を直す。");
  await button(page, "Redo").click();
  await reads(page, whole);

  // A page that dies between the key and the call loses nothing.
  await description(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText(" Unsaved.");
  await until(page, () => Object.values(localStorage).some((value) => value.includes("Unsaved.")));
  await page.reload();
  await reads(page, `${whole} Unsaved.`);
  await saveState(page, "saved").waitFor();

  await page.getByRole("textbox", { name: "Title" }).fill("My own title");
  await page.keyboard.press("Enter");
  await until(page, () => document.title.startsWith("My own title"));

  await part(page, /^Versions/).click();
  const versions = page.getByRole("list", { name: "Versions of the description" });
  await versions.locator("[data-version]").last().click();
  const detail = page.getByTestId("version-detail");
  await detail.getByRole("combobox", { name: "Compare with" }).selectOption({ label: "the current version" });
  await detail.getByTestId("diff").filter({ hasText: "Unsaved." }).waitFor();
  await button(detail, "Go back to this version").click();
  await part(page, "Description").click();
  await reads(page, "");

  await page.getByRole("link", { name: "All tasks" }).click();
  const row = page.locator("li[data-task-id]", { hasText: "My own title" });
  await page.getByRole("searchbox", { name: "Search tasks" }).fill("nothing like it");
  await row.waitFor({ state: "detached" });
  await page.getByText("No task has all of these words.").waitFor();
  await page.getByRole("searchbox", { name: "Search tasks" }).fill("OWN ｔｉｔｌｅ");
  await button(row, "Archive “My own title”").click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("combobox", { name: "Show" }).selectOption({ label: "Archived" });
  await row.waitFor();
  await button(page.locator(".toast"), "Undo").click();
  await row.waitFor({ state: "detached" });
  await page.getByRole("combobox", { name: "Show" }).selectOption({ label: "Open" });
  await row.waitFor();
};

/**
 * The engine finds files, and a person decides which of them count. The steps
 * answer with the description of a task, the path of a file that it must find,
 * and that of one that it does not.
 */
export const findFiles = async ({ page, enter, ask }) => {
  await enter();
  await newTask(page, await ask("the task"));
  const path = await ask("a file that it finds");
  const other = await ask("a file that it does not find");
  await part(page, /^Find files/).click();
  const form = page.getByTestId("start-finder");
  await form.getByRole("radio", { name: "The engine alone" }).check();
  await button(form, "Find files").click();
  await page.waitForURL(/\/runs\/[0-9a-f-]+$/);
  const address = page.url();
  await workflow(page, "completed").waitFor();
  await page.getByTestId("announcer").filter({ hasText: "The search for files is done." }).waitFor({ state: "attached" });
  for (const stage of ["roots", "patterns", "relevance", "extension"]) {
    await page.locator(`[data-stage="${stage}"][data-state="completed"]`).waitFor();
  }
  const relevance = page.locator('[data-stage="relevance"]');
  await button(relevance, "Result of the stage: Relevance").click();
  await relevance.getByTestId("artifact").getByRole("link", { name: path }).waitFor();

  await page.getByRole("link", { name: "Look at the files" }).click();
  await file(page, path).waitFor();
  const before = await sums(page).innerText();

  // By the keyboard: to the file, away with it, and a reload changes nothing.
  await file(page, path).locator(".file-open").focus();
  await page.keyboard.press("x");
  await files(page).locator(`[data-path="${path}"][data-choice="excluded"]`).waitFor();
  await sums(page).filter({ hasText: "1 excluded" }).waitFor();
  await page.locator('button:has-text("Undo choice"):not([disabled])').waitFor();
  await page.reload();
  await files(page).locator(`[data-path="${path}"][data-choice="excluded"]`).waitFor();
  await button(page, "Undo choice").click();
  await files(page).locator(`[data-path="${path}"][data-choice="none"]`).waitFor();
  assert.equal(await sums(page).innerText(), before);
  await button(page, "Redo choice").click();
  await files(page).locator(`[data-path="${path}"][data-choice="excluded"]`).waitFor();
  await button(page, `Pin ${path}`).click();
  await files(page).locator(`[data-index="0"][data-path="${path}"][data-choice="pinned"]`).waitFor();

  const field = page.getByRole("combobox", { name: "Add a file by path" });
  await field.fill(other.split("/").at(-1));
  await page.getByRole("option", { name: other }).click();
  await button(page, "Add").click();
  await files(page).locator(`[data-path="${other}"][data-choice="included"]`).waitFor();
  await field.fill("no/such/file.txt");
  await button(page, "Add").click();
  await page.locator('.toast[data-tone="failed"]').filter({ hasText: "The choice was taken back" }).waitFor();
  assert.equal(await file(page, "no/such/file.txt").count(), 0);

  // All but one, by a filter.
  await page.getByRole("searchbox", { name: "Filter files" }).fill(other);
  await button(page, "Exclude all").click();
  await files(page).locator(`[data-path="${other}"][data-choice="excluded"]`).waitFor();
  await page.getByRole("searchbox", { name: "Filter files" }).fill("");

  // A reason leads to its place, and the address to the same.
  await page.getByRole("button", { name: new RegExp(`reasons?: ${path.replaceAll(".", "\\.")}$`) }).click();
  const reason = file(page, path).locator(".reasons a", { hasText: /^lines? / }).first();
  await reason.click();
  const preview = page.locator(`[data-testid="preview"][data-path="${path}"]`);
  await preview.locator(".cm-current").first().waitFor();
  await page.reload();
  await preview.locator(".cm-current").first().waitFor();
  await page.keyboard.press("]");
  await button(preview, "Close the file").click();
  await preview.waitFor({ state: "detached" });
  await button(page, "Tree").click();
  await files(page).locator(".folder-open").first().waitFor();

  // What was chosen is stronger than what is found again.
  await page.goto(address);
  await page.getByRole("button", { name: "Repeat from here: Relevance" }).click();
  await page.waitForURL((url) => url.href !== address && /\/runs\/[0-9a-f-]+$/.test(url.pathname));
  await workflow(page, "completed").waitFor();
  await page.locator('[data-stage="roots"]').getByRole("link", { name: "Taken over from an earlier search" }).waitFor();
  await page.getByRole("list", { name: "Other searches" }).getByRole("link").first().waitFor();
  await part(page, /^Files/).click();
  await files(page).locator(`[data-path="${path}"][data-choice="pinned"]`).waitFor();
};

/** A search that goes on is seen going on after a reload, and can be cancelled. */
export const cancelSearch = async ({ page, enter, ask }) => {
  await enter();
  await newTask(page, await ask("the task"));
  await part(page, /^Find files/).click();
  const form = page.getByTestId("start-finder");
  await form.getByRole("radio", { name: "The engine finds, a model judges" }).check();
  await button(form, "Find files").click();
  // Nobody has allowed it yet: a person is asked, and then it goes on.
  const dialog = page.getByRole("dialog", { name: /^Send contents to/ });
  await dialog.getByText("are never sent").waitFor();
  await ask("nothing was sent");
  await button(dialog, "Allow and go on").click();
  await page.locator('[data-stage="relevance"][data-state="running"]').waitFor();
  await page.reload();
  const stage = page.locator('[data-stage="relevance"][data-state="running"]');
  await stage.waitFor();
  await stage.getByRole("link", { name: "Job 1" }).waitFor();
  await button(page, "Cancel the search").click();
  await workflow(page, "cancelled").waitFor();
  await ask("the model was hung up on");
  await page.getByTestId("announcer").filter({ hasText: "Stopped" }).waitFor({ state: "attached" });

  // What was allowed is listed, and can be taken back.
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Workspaces" }).click();
  const granted = page.locator('[data-consent="granted"]');
  await granted.getByRole("button", { name: /^Take back/ }).click();
  await granted.waitFor({ state: "detached" });
  await page.locator('[data-consent="none"]').first().waitFor();
};

/** A model proposes, a person decides; only the passage changes. */
export const improveText = async ({ page, enter, ask }) => {
  await enter();
  await newTask(page, "番頭 👍 first line\nsecond line");
  await description(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Shift+Home");
  await button(page, "Improve…").click();
  const panel = page.getByTestId("improve");
  await panel.getByText("The selected passage, 11 characters").waitFor();
  await panel.getByRole("textbox", { name: "What to mind" }).fill("shorter");
  await button(panel, "Improve").click();
  await button(panel, "Cancel").waitFor();
  await ask("answer with “the better line”");
  await panel.getByTestId("diff").filter({ hasText: "the better line" }).waitFor();
  await reads(page, "番頭 👍 first line\nsecond line");
  // The proposal is there after a reload as well.
  await page.reload();
  await panel.getByTestId("diff").filter({ hasText: "the better line" }).waitFor();
  await button(panel, "Apply").click();
  await reads(page, "番頭 👍 first line\nthe better line");
  await saveState(page, "saved").waitFor();
  await part(page, /^Versions/).click();
  await page.getByRole("list", { name: "Versions of the description" }).getByText("Improved text applied").waitFor();
};

/** Two people write: neither is overwritten before one has chosen. */
export const twoWriters = async ({ page, enter, context }) => {
  await enter();
  await newTask(page, "Together");
  const other = await context.newPage();
  await other.goto(page.url());
  await reads(other, "Together");
  // What is saved in one place appears in the other.
  await page.keyboard.insertText(" we write");
  await reads(other, "Together we write");

  // Both write at once: their calls are held, so that each knows nothing of the other.
  await description(other).click();
  await other.keyboard.press("Control+End");
  await other.route("**/UpdateTask", (route) => route.abort());
  await other.keyboard.insertText(" theirs");
  await saveState(other, "failed").waitFor();
  await page.keyboard.insertText(" mine");
  await saveState(page, "saved").waitFor();
  await other.getByTestId("conflict").waitFor();
  await other.unroute("**/UpdateTask");
  await reads(other, "Together we write theirs");
  await button(other, "Keep mine").click();
  await saveState(other, "saved").waitFor();
  await reads(page, "Together we write theirs");
  await other.close();
};

/** What was said becomes a task, with the way back. */
export const taskFromMessage = async ({ page, enter }) => {
  await enter();
  await talk(page, "Sort the list by name", "I can only talk.");
  const conversation = page.url();
  await page.locator('article[data-role="user"]').getByRole("button", { name: "Make a task of this" }).click();
  await reads(page, "Sort the list by name");
  await page.getByRole("link", { name: "Made from a conversation" }).click();
  await page.waitForURL(conversation);
  await replied(page, "I can only talk.", "completed");
};

/** Folders are opened, named and closed; what is wrong is said beside the field. */
export const workspaces = async ({ page, enter, ask }) => {
  await enter();
  const folder = await ask("another folder");
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Workspaces" }).click();
  const path = page.getByRole("textbox", { name: "Path on the server" });
  await path.fill("not/absolute");
  await button(page, "Open").click();
  await page.locator(".form-field [role=alert]").waitFor();
  assert.equal(await path.getAttribute("aria-invalid"), "true");
  await path.fill(folder);
  await page.getByRole("textbox", { name: "Name" }).fill("Another");
  await button(page, "Open").click();
  const card = page.locator("li[data-workspace-id]", { hasText: "Another" });
  await card.waitFor();
  await button(page, "Rename “Another”").click();
  await card.getByRole("textbox", { name: "Rename workspace" }).fill("Renamed");
  await button(card, "Save").click();
  const renamed = page.locator("li[data-workspace-id]", { hasText: "Renamed" });
  await button(renamed, "Use “Renamed”").click();
  await page.getByRole("link", { name: "Tasks", exact: true }).click();
  const chosen = page.getByRole("combobox", { name: "Workspace" });
  await until(page, () => document.querySelector(".workspace-switcher select")?.selectedOptions[0]?.textContent === "Renamed");
  await page.reload();
  await until(page, () => document.querySelector(".workspace-switcher select")?.selectedOptions[0]?.textContent === "Renamed");
  await newTask(page, "Only here");
  await page.getByRole("link", { name: "All tasks" }).click();
  await page.locator("li[data-task-id]", { hasText: "Only here" }).waitFor();
  await chosen.selectOption({ index: 0 });
  await page.locator("li[data-task-id]", { hasText: "Only here" }).waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Workspaces" }).click();
  await button(renamed, "Close “Renamed”").click();
  await button(page.getByRole("alertdialog"), "Close").click();
  await renamed.waitFor({ state: "detached" });
  await page.getByRole("checkbox", { name: "Show closed ones too" }).check();
  await button(page, "Open again: “Renamed”").click();
  await page.locator("input:focus").fill(folder);
  await button(page, "Open").click();
  await page.locator("li[data-workspace-id]:not([data-state=closed])", { hasText: "Renamed" }).waitFor();
};
