// The page of a plan as a person finds their way in it.

import { button } from "./page.mjs";

export const view = (page, name) => page.getByRole("navigation", { name: "Views of the plan" }).getByRole("link", { name });
export const outline = (page) => page.getByRole("navigation", { name: "Steps" });
export const card = (page, number) => page.locator(`.step-card[data-step="${number}"]`);
export const editor = (page) => page.getByRole("textbox", { name: "Text of the plan, editable" });
export const text = (page) => page.getByRole("textbox", { name: "Text of the plan", exact: true });
export const problems = (page) => page.getByTestId("plan-problems");
export const comments = (page) => page.getByTestId("plan-comments");
export const changes = (page) => page.getByTestId("plan-changes");
export const approval = (page, decided) => page.locator(`[data-testid="approve-bar"][data-decided="${decided}"]:not([data-outdated])`);
export const outdated = (page) => page.locator('[data-testid="approve-bar"][data-decided="approved"][data-outdated]');
export const saveState = (page, state) => page.locator(`[data-testid="plan-save-state"][data-state="${state}"]`);
export const written = (page) => page.locator('[data-testid="rendered-plan"]:not([data-writing]) .step-card[data-step]').first().waitFor();

/** Begins a plan with what the form says, and waits for its page. */
export const begin = async (page) => {
  await button(page.getByTestId("new-plan"), "Write the plan").click();
  await page.waitForURL(/\/plans\/[0-9a-f-]{36}/);
};

/** Finds words in the editor, as with Ctrl+F, and writes others over them. */
export const writeOver = async (page, words, others) => {
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("ControlOrMeta+f");
  await page.locator(".cm-search input[name=search]:focus").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(words);
  // The search reads its field when a key comes up.
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.locator(".cm-search").waitFor({ state: "detached" });
  await page.keyboard.insertText(others);
  await saveState(page, "dirty").waitFor();
};

/** Saves what was edited as the revision with this number. */
export const save = async (page, number) => {
  await button(page, "Save revision").click();
  await page.locator(".toast", { hasText: `Saved as revision ${number}` }).waitFor();
  await saveState(page, "clean").waitFor();
  // Tab goes on from there.
  await page.waitForFunction(() => document.activeElement !== document.body);
};

/** Approves the text that is shown. */
export const approve = async (page, note) => {
  await button(page, "Approve…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("The check finds no errors.").waitFor();
  await dialog.getByRole("textbox", { name: "Note" }).fill(note);
  await button(dialog, "Approve this text").click();
  await approval(page, "approved").filter({ hasText: note }).waitFor();
};

/** Selects words in the text of a plan with the mouse. */
export const select = async (page, words) => {
  const box = await text(page).evaluate((content, wanted) => {
    const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(wanted);
      if (at >= 0) {
        const range = document.createRange();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + wanted.length);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return { left, right, middle: (top + bottom) / 2 };
      }
    }
    throw new Error(`${wanted} is not shown`);
  }, words);
  await page.mouse.move(box.left + 1, box.middle);
  await page.mouse.down();
  await page.mouse.move(box.right - 1, box.middle, { steps: 4 });
  await page.mouse.up();
};
