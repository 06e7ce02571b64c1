// Plans: written, edited, approved, argued about, mended.

import assert from "node:assert/strict";
import { button, field } from "../page.mjs";
import { approval, approve, begin, card, changes, comments, editor, outdated, outline, problems, save, saveState, select, text, view, writeOver, written } from "../plan.mjs";

/** Asks for a plan by a model, up to where the model holds on. */
const heldPlan = async ({ page, origin, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(origin + (await ask("the task")));
  await button(page, "New plan").click();
  const form = page.getByTestId("new-plan");
  await form.getByRole("radio", { name: "A model", exact: true }).waitFor();
  await form.getByTestId("estimate").getByText(/^About [\d,]+ tokens go to/).waitFor();
  await form.getByText("2 files, each sent whole").waitFor();
  await begin(page);
  await halfWritten(page);
};

/** The first step is there while the second is not written yet. */
const halfWritten = async (page) => {
  await page.locator('[data-testid="rendered-plan"][data-writing]').waitFor();
  await card(page, 1).getByText("番頭").waitFor();
};

/** From a task by way of a text in flight to an approved plan, in two tabs at once. */
export const taskToApprovedPlan = async (stage) => {
  const { page, context, ask } = stage;
  await heldPlan(stage);
  await outline(page).locator('[data-step="1"]').filter({ hasText: "src/payment/ledger.rs" }).waitFor();
  assert.equal(await outline(page).locator('[data-step="2"]').count(), 0);
  assert.ok(await button(page, "Approve…").isDisabled(), "nothing is approved while a model writes");

  const other = await context.newPage();
  await other.goto(`${page.url()}?view=raw`);
  await text(other).getByText("refunded.contains").waitFor();
  await page.reload();
  await halfWritten(page);
  await ask("open the gate");
  await written(page);
  await card(page, 2).getByText("A second refund is refused.").waitFor();
  await page.getByTestId("announcer").filter({ hasText: "The plan is written: 2 steps." }).waitFor({ state: "attached" });
  await text(other).getByText("only_once").waitFor();

  await button(page, "Problems (0)").click();
  await problems(page).getByText("The check finds nothing.").waitFor();
  await view(page, "Edit").click();
  await writeOver(page, "refunded once", "refunded at most once");
  await save(page, 2);
  await view(page, "Rendered").click();
  await card(page, 1).getByText("An order is refunded at most once.").waitFor();
  await approve(page, "Do it after the release.");
  await approval(other, "approved").filter({ hasText: "Approved: revision 2" }).waitFor();
  await text(other).getByText("at most once").waitFor();

  // What was approved is that text and no other.
  await view(page, "Edit").click();
  await writeOver(page, "Keep it small.", "Keep it smaller.");
  await approval(page, "approved").waitFor();
  await save(page, 3);
  for (const tab of [page, other]) {
    await outdated(tab).filter({ hasText: "this is revision 3, which nobody has approved" }).waitFor();
  }
  await page.reload();
  await outdated(page).waitFor();
  await ask("the newest text is not approved");
  await other.close();
};

/** A server that dies in the middle: what was durable is there, called interrupted, and can be mended. */
export const planInterrupted = async (stage) => {
  const { page, ask } = stage;
  await heldPlan(stage);
  await ask("restart the server");
  const notice = page.locator('[data-testid="plan-partial"][data-state="interrupted"]');
  await notice.waitFor();
  await card(page, 1).getByText("番頭").waitFor();
  await page.reload();
  await notice.waitFor();
  await button(page, "Approve…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: /^I accept the \d+ errors? that the check finds$/ }).waitFor();
  assert.ok(await button(dialog, "Approve this text").isDisabled());
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await button(notice, "Mend it by hand").click();
  await button(page, /^Problems/).click();
  await problems(page).locator('[data-code="cut_off"]').waitFor();
  await button(problems(page), "Close").click();
  await editor(page).getByText("番頭").waitFor();
  await ask("the model was asked once");
};

/** The same without a model: a brief from what the search found. */
export const briefToApprovedPlan = async ({ page, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.getByRole("link", { name: "Tasks", exact: true }).click();
  await button(page, "New task").first().click();
  await page.locator(".cm-content:focus").waitFor();
  await page.keyboard.insertText(await ask("the task"));
  await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor();
  const part = (name) => page.getByRole("navigation", { name: "Parts of the task" }).getByRole("link", { name });
  await part(/^Find files/).click();
  const finder = page.getByTestId("start-finder");
  await finder.getByRole("radio", { name: "The engine alone" }).check();
  await button(finder, "Find files").click();
  await page.locator('[data-testid="workflow"][data-state="completed"]').waitFor();
  await part(/^Files/).click();
  await page.getByRole("link", { name: "New plan" }).click();

  const form = page.getByTestId("new-plan");
  const model = form.getByRole("radio", { name: "A model", exact: true });
  await form.getByText("No model is configured. A brief works without one.").waitFor();
  assert.ok(await model.isDisabled());
  assert.ok(await form.getByRole("radio", { name: "A brief, without a model" }).isChecked());
  await form.getByText(/^A brief from \d+ files\. Nothing is sent, and it costs nothing\.$/).waitFor();
  await begin(page);
  await written(page);
  await page.getByText("Brief from the search").waitFor();
  await card(page, 1).getByText("src/payment/refund.rs").first().waitFor();
  await button(page, "Problems (0)").waitFor();
  await view(page, "Edit").click();
  await writeOver(page, "<steps>", "<steps> ");
  await save(page, 2);
  await approve(page, "Enough to begin with.");
  await writeOver(page, "<steps>", "<steps> ");
  await save(page, 3);
  await outdated(page).waitFor();
};

const comment = async (page, words) => {
  await comments(page).locator("textarea:focus").waitFor();
  await page.keyboard.insertText(words);
  await button(comments(page), "Add comment").click();
  return comments(page).locator("li[data-comment-id]", { hasText: words });
};

/** Comments on a step and on a passage, answered by a model in the next revision. */
export const planComments = async ({ page, origin, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(origin + (await ask("the plan")));
  await button(page, "Comment on step 2").click();
  const onStep = await comment(page, "Is it enough?");
  await onStep.filter({ hasText: "On step 2" }).waitFor();
  await button(page, "Comment on step 2: 1").waitFor();

  await view(page, "Text").click();
  await select(page, "refunded once");
  await button(page, "Comment on the selection").click();
  await comments(page).locator("form blockquote", { hasText: "refunded once" }).waitFor();
  const onPassage = await comment(page, "Say it exactly");
  await onPassage.locator("blockquote", { hasText: "refunded once" }).waitFor();
  await page.locator(".cm-passage", { hasText: "refunded once" }).waitFor();
  await button(page, "Comments (2)").waitFor();

  await button(page, "Request changes").click();
  const ticks = changes(page).getByRole("group", { name: "Comments to send" }).getByRole("checkbox");
  assert.equal(await ticks.count(), 2);
  await button(changes(page), "Request changes").click();
  await written(page);
  await card(page, 1).getByText("refunded at most once").waitFor();
  await button(changes(page), "Show what changed").click();
  const answers = page.getByTestId("change-answers");
  await answers.locator('[data-state="addressed"]', { hasText: "There is a third test." }).waitFor();
  await answers.locator('[data-state="notAddressed"]', { hasText: "It is exact." }).waitFor();
  const difference = page.getByTestId("revision-diff");
  await difference.locator('[data-change="changed"]', { hasText: "step 1" }).waitFor();
  await difference.getByTestId("diff").getByText("at most").first().waitFor();
  await ask("the comments were sent");

  await view(page, "Rendered").click();
  await button(page, "Comments (2)").click();
  await comments(page).locator('[data-state="addressed"]', { hasText: "Is it enough?" }).getByTestId("comment-answer").waitFor();
  // The passage that it spoke of is there, longer by two words.
  await button(comments(page).locator('[data-state="notAddressed"]', { hasText: "Say it exactly" }), "Go there").click();
  await outline(page).locator('[data-step="1"] [aria-current="step"]').waitFor();

  await button(onStep, "Resolve").click();
  await button(page, "Comments (1)").waitFor();
  await comments(page).getByRole("checkbox", { name: "Show 1 resolved comment" }).check();
  await onStep.and(page.locator('[data-state="resolved"]')).waitFor();
  await button(onStep, "Reopen").click();
  await onStep.and(page.locator('[data-state="open"]')).waitFor();
  await button(page, "Comments (2)").waitFor();
};

/** A wrong path is found and mended; what somebody else saves meanwhile takes nothing away. */
export const planProblemsAndConflict = async ({ page, origin, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(origin + (await ask("the plan")));
  await button(page, "Problems (1)").click();
  const problem = problems(page).locator('[data-finding="error"][data-code="file_missing"]');
  await problem.getByRole("button").first().click();
  await page.waitForURL(/view=raw/);
  await page.locator(".cm-current", { hasText: "src/receipt.rs" }).waitFor();
  await button(problem, "Edit").click();
  await page.locator(".cm-lintRange-error").first().waitFor();
  await button(problem, /^Fix: /).click();
  await editor(page).getByText("src/payment/receipt.rs").waitFor();
  await problems(page).getByText("The check finds nothing.").waitFor();
  await save(page, 2);

  await writeOver(page, "Keep it small.", "Keep it mine. 番頭");
  await page.getByRole("textbox", { name: "What was changed" }).fill("My words");
  await ask("somebody else saves");
  const conflict = page.getByTestId("plan-conflict");
  await conflict.filter({ hasText: "Somebody else saved revision 3 meanwhile" }).waitFor();
  await editor(page).getByText("Keep it mine. 番頭").waitFor();
  await page.reload();
  await conflict.getByTestId("diff").getByText("mine").first().waitFor();
  await editor(page).getByText("Keep it mine. 番頭").waitFor();
  assert.ok(await button(page, "Save revision").isDisabled());
  await button(conflict, "Keep mine, to save it after theirs").click();
  await conflict.waitFor({ state: "detached" });
  assert.equal(await page.getByRole("textbox", { name: "What was changed" }).inputValue(), "My words");
  await save(page, 4);
  await ask("mine is the newest and theirs is kept");

  // What is only typed survives a reload as well.
  await writeOver(page, "Keep it mine. 番頭", "A draft");
  await page.waitForFunction(() => Object.values(localStorage).some((value) => value.includes("A draft")));
  await page.reload();
  await editor(page).getByText("A draft").waitFor();
  await saveState(page, "dirty").waitFor();
  await button(page, "Discard changes").click();
  await button(page.getByRole("alertdialog"), "Discard changes").click();
  await editor(page).getByText("Keep it mine. 番頭").waitFor();
  await saveState(page, "clean").waitFor();
};
