// What surrounds a plan: others like it, what leaves it, what became of it, and each of its pages.

import assert from "node:assert/strict";
import { inspector, quiet } from "../axe.mjs";
import { keepsFocus, press, walkTo } from "../hands.mjs";
import { button, field, tooWide, visit } from "../page.mjs";
import { approval, card, editor, outline, problems, saveState, view, written } from "../plan.mjs";

/** Two drafts, compared and merged; exported in several forms; and what became of it. */
export const planCompareMergeExport = async ({ page, origin, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(`${origin}/settings/templates`);
  await button(page, "New template").click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("For Kuma");
  await page.getByRole("textbox", { name: "Text", exact: true }).fill("Dear Kuma: {{title}}\n{{files}}\n{{ plan }}");
  await button(page, "Save").click();
  await page.locator("li[data-template-id]", { hasText: "For Kuma" }).waitFor();

  const task = await ask("the task");
  await page.goto(origin + task);
  await button(page, "New plan").click();
  const form = page.getByTestId("new-plan");
  await form.getByRole("combobox", { name: "How many drafts" }).selectOption("2");
  await form.getByTestId("estimate").getByText(/for 2 drafts|The price is unknown/).waitFor();
  await button(form, "Write 2 plans").click();
  const done = page.locator('li[data-plan-id][data-state="completed"]');
  await done.nth(1).waitFor();
  await done.nth(0).getByRole("checkbox").check();
  await done.nth(1).getByRole("checkbox").check();
  await button(page, "Compare").click();
  await page.waitForURL(/\/plans\/compare\?from=/);
  const difference = page.getByTestId("revision-diff");
  await difference.locator("[data-change]").first().waitFor();
  await difference.getByTestId("diff").first().waitFor();

  await page.getByRole("link", { name: "Plans of the task" }).click();
  await done.nth(1).getByRole("checkbox").check();
  await done.nth(0).getByRole("checkbox").check();
  await button(page, "Merge").click();
  await button(page.getByTestId("merge-plans"), "Merge 2 plans").click();
  await page.waitForURL(/\/plans\/[0-9a-f-]{36}/);
  await written(page);
  await page.getByText("Merged by a model").waitFor();
  await page.getByRole("region", { name: "Sources" }).getByText("Whether there is a ledger: there is.").waitFor();
  await card(page, 1).getByText("A:1 B:1").waitFor();
  await page.getByRole("link", { name: /^A: / }).waitFor();
  await page.getByRole("link", { name: /^B: / }).waitFor();

  await button(page, "Export…").click();
  const dialog = page.getByRole("dialog", { name: "Export the plan" });
  const exported = dialog.getByTestId("exported");
  const take = async (form, words) => {
    await dialog.getByRole("combobox", { name: "Form" }).selectOption({ label: form });
    await button(dialog, "Export").click();
    await exported.locator("pre", { hasText: words }).first().waitFor();
  };
  await take("Markdown", "Remember refunds");
  await exported.getByText("This revision is not approved.").waitFor();
  const saved = page.waitForEvent("download");
  await exported.getByRole("button", { name: /^Download .*\.md$/ }).click();
  await saved;
  await take("Claude Code", "src/payment/ledger.rs");
  await exported.getByRole("region", { name: "Command line" }).getByText('claude "$(cat').waitFor();
  await take("Template: For Kuma", "Dear Kuma");
  await exported.locator("pre", { hasText: "{{ plan }}" }).waitFor();
  await button(dialog, "Close").click();
  await dialog.waitFor({ state: "detached" });

  await ask("half of the work is done");
  await view(page, "Outcome").click();
  await button(page, "Compare").click();
  const outcome = page.getByTestId("outcome");
  await outcome.locator('li[data-step="1"][data-outcome="done"]').waitFor();
  await outcome.locator('li[data-step="2"][data-outcome="missing"]').waitFor();
  await outcome.getByTestId("unplanned").getByRole("button", { name: "README.md" }).click();
  await outcome.locator('details[data-path="README.md"][open]').getByText("And coffee.").waitFor();

  await view(page, "History").click();
  const history = page.getByTestId("plan-history");
  for (const action of ["plan.merge", "plan.write"]) {
    await history.locator(`li[data-action="${action}"]`).first().waitFor();
  }
  assert.equal(await history.locator('li[data-action="plan.export"]').count(), 3, "each export is recorded once");
  await history.locator('li[data-action="plan.export"]', { hasText: "Console on" }).first().waitFor();

  await page.goto(`${origin}/settings/audit`);
  await page.locator('li[data-action="template.save"]').waitFor();
  await button(page, "Verify the chain").click();
  await page.locator('[data-testid="chain"][data-intact="true"]').waitFor();
};

/** A megabyte: read to its end, written into, saved. The steps answer with its path and how many steps it has. */
export const largePlan = async ({ page, origin, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  const path = await ask("the plan");
  const count = Number(await ask("how many steps"));
  await page.goto(origin + path);
  await outline(page).locator(`[data-step="${count}"]`).waitFor();
  assert.equal(await outline(page).locator("[data-step]").count(), count);
  await outline(page).locator(`[data-step="${count}"] .outline-step`).click();
  await card(page, count).getByText("The very last words").waitFor();

  await page.goto(`${origin}${path}?view=edit`);
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await editor(page).getByText("</implementation_plan>").waitFor();
  await page.keyboard.insertText("<!-- said at the end -->");
  await saveState(page, "dirty").waitFor();
  await button(page, "Save revision").click();
  await page.locator(".toast", { hasText: "Saved as revision 3" }).waitFor();
  await saveState(page, "clean").waitFor();
  await ask("it ends with what was typed");
  assert.equal(await outline(page).locator("[data-step]").count(), count);
};

/** Steps, problems, comments and an approval without a mouse. */
export const keyboardPlans = async ({ page, origin, enter, ask }) => {
  const { keyboard: keys } = page;
  await enter();
  await field(page).waitFor();
  await page.goto(origin + (await ask("the plan")));
  await written(page);
  const step = (number) => page.locator(`#step-${number}-title:focus`).waitFor();
  await keys.press("j");
  await step(1);
  await keys.press("j");
  await step(2);
  await keys.press("k");
  await step(1);

  await keys.press("p");
  await problems(page).locator("li[data-finding]").nth(1).waitFor();
  await keys.press(".");
  await page.waitForURL(/view=raw/);
  await problems(page).locator('li:nth-child(1) [aria-current="true"]').waitFor();
  await keys.press(".");
  await problems(page).locator('li:nth-child(2) [aria-current="true"]').waitFor();
  await keys.press(",");
  await problems(page).locator('li:nth-child(1) [aria-current="true"]').waitFor();
  await keepsFocus(page, "going to a problem");

  await keys.press("v");
  await keys.press("1");
  await written(page);
  await keys.press("c");
  const comment = page.getByTestId("plan-comments").getByRole("textbox");
  await comment.waitFor();
  await walkTo(page, comment);
  await keys.insertText("Without a mouse");
  await press(page, button(page, "Add comment"));
  const said = page.locator("li[data-comment-id]", { hasText: "Without a mouse" });
  await said.waitFor();
  await keepsFocus(page, "adding a comment");
  await press(page, button(said, "Resolve"));
  await button(page, "Comments (0)").waitFor();
  await keepsFocus(page, "resolving a comment");

  await keys.press("v");
  await keys.press("3");
  await editor(page).waitFor();
  await walkTo(page, editor(page));
  await keys.press("F8");
  await page.locator(".cm-tooltip, .cm-lintRange-active").first().waitFor();
  await keys.press("Escape");
  await keys.press("ControlOrMeta+End");
  await keys.insertText("<!-- by hand -->");
  await saveState(page, "dirty").waitFor();
  await keys.press("ControlOrMeta+s");
  await page.locator(".toast", { hasText: "Saved as revision 3" }).waitFor();
  await saveState(page, "clean").waitFor();

  await press(page, button(page, "Approve…"), "Enter", "Shift+Tab");
  const dialog = page.getByRole("dialog");
  const accept = dialog.getByRole("checkbox", { name: "I accept the 2 errors that the check finds" });
  await press(page, accept, "Space");
  await press(page, button(dialog, "Approve this text"));
  await approval(page, "approved").filter({ hasText: "2 errors were accepted" }).waitFor();
  await keepsFocus(page, "approving");
  await keys.press("x");
  await page.getByRole("dialog", { name: "Export the plan" }).waitFor();
  await keys.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await keepsFocus(page, "leaving the export");
};

/** Each page, panel and dialog of a plan; `look` is called with the name of what is shown. */
const walk = async (page, origin, { task, plan: path, broken, running, from, to }, language, look) => {
  const go = (to, there) => visit(page, origin + to, language).then(() => page.locator(there).first().waitFor());
  const leave = async (role = "dialog") => {
    await page.keyboard.press("Escape");
    await page.getByRole(role).waitFor({ state: "detached" });
  };
  await go(task, "li[data-plan-id]");
  await look("plans");
  for (const tick of await page.locator('li[data-plan-id][data-state="completed"] .plan-tick').all()) {
    await tick.check();
  }
  await page.locator(".plans-chosen button").nth(1).click();
  await page.getByTestId("merge-plans").waitFor();
  await look("merge");
  await go(`${task}?new=true`, "[data-testid=estimate] p[role=status]");
  await look("new-plan");
  await go(`${task}/compare?from=${from}&to=${to}`, "[data-testid=diff]");
  await page.locator("[data-change]").first().waitFor();
  await look("compare");
  await go(path, "#step-2");
  await look("rendered");
  await go(running, "[data-writing] .step-card");
  await look("rendered-streaming");
  await go(`${running}?view=raw`, ".cm-line");
  await look("raw-streaming");
  await go(`${path}?view=raw`, ".cm-passage");
  await look("raw");
  await go(`${broken}?view=edit&side=problems`, ".cm-lintRange-error");
  await page.locator("li[data-finding] > .button").first().waitFor();
  await look("edit-problem");
  await go(`${path}?side=comments`, ".comment-answer");
  await page.locator("[data-testid=plan-comments] > label input").first().check();
  await page.locator('.comment[data-state="resolved"]').waitFor();
  await look("comments");
  await go(`${path}?side=changes`, "[data-testid=plan-changes] form");
  await look("changes");
  await go(`${path}?view=revisions`, "[data-testid=diff]");
  await page.getByTestId("change-answers").waitFor();
  await look("revisions");
  await go(`${path}?view=outcome`, ".outcome form");
  await page.locator(".outcome form button[type=submit]").click();
  await page.locator(".outcome-change summary").first().click();
  await look("outcome");
  await go(`${path}?view=history`, ".audit-entry");
  await page.locator(".audit-entry summary").first().click();
  await look("history");
  await go(broken, "#step-2");
  await page.locator(".approve-commands button").first().click();
  await page.locator(".decide-dialog input[type=checkbox]").waitFor();
  await look("approve-dialog");
  await leave();
  await page.locator(".approve-commands button").last().click();
  await page.locator(".decide-dialog textarea").waitFor();
  await look("reject-dialog");
  await leave();
  await page.locator(".plan-head .icon-button").first().click();
  await page.getByRole("dialog").getByRole("textbox").waitFor();
  await look("rename-dialog");
  await leave();
  await page.locator(".plan-head-commands button").first().click();
  await page.locator(".export-dialog select").first().selectOption("claude");
  await page.locator(".export-dialog .dialog-actions button").last().click();
  await page.getByTestId("exported").waitFor();
  await look("export");
  await leave();
  await go("/settings/templates", "li[data-template-id]");
  await look("settings-templates");
  await page.locator(".template-head button").first().click();
  await page.locator("main textarea").waitFor();
  await look("settings-template-form");
  await go("/settings/audit", ".audit-entry");
  await page.locator(".audit-verify button[type=submit]").click();
  await page.locator("[data-intact=true]").waitFor();
  await look("settings-audit");
};

const inspected = (language) => ({
  ...quiet,
  play: async ({ page, origin, enter, ask }) => {
    const { problems: found, inspect } = inspector(page);
    await enter();
    await field(page).waitFor();
    const places = JSON.parse(await ask("plans of all kinds"));
    await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
    await walk(page, origin, places, language, inspect);
    assert.deepEqual(found, []);
  },
});

/** Every page, panel and dialog of plans, checked by axe. */
export const accessiblePlans = inspected("en");
export const accessiblePlansInJapanese = inspected("ja");

/** The same on a phone: nothing is wider than it. */
export const phonePlans = {
  options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  play: async ({ page, origin, enter, ask }) => {
    await enter();
    await field(page).waitFor();
    const places = JSON.parse(await ask("plans of all kinds"));
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      await walk(page, origin, places, language, async (name) => {
        assert.equal(await tooWide(page), 0, `${name} in ${language} is wider than the phone`);
      });
    }
  },
};
