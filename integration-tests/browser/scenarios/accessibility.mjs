// Every page and state, checked by axe in both themes and languages.

import assert from "node:assert/strict";
import { inspector, quiet } from "../axe.mjs";
import { field, messages, replied, send, talk, visit } from "../page.mjs";

/** Replies with everything in them, failed ones, running ones, forms, menus and dialogs. */
export const accessibleChat = {
  ...quiet,
  play: async ({ page, enter, origin, ask }) => {
    const { problems, inspect } = inspector(page);
    await page.goto(origin);
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      await page.reload();
      await page.locator(`html[lang=${language}] main h1`).waitFor();
      await inspect(`sign-in, ${language}`);
    }
    await page.evaluate(() => localStorage.setItem("banto.language", "en"));
    await page.reload();
    await page.locator("html[lang=en] main h1").waitFor();
    await enter();
    await field(page).waitFor();
    await inspect("a new conversation, en");
    await talk(page, "Everything, please", "The end of everything");
    await page.getByRole("button", { name: "Regenerate" }).click();
    await replied(page, "Another end", "completed");
    await send(page, "Fail, please");
    await replied(page, "", "provider_failed");
    await send(page, "Never end");
    await replied(page, "so far", "running");
    const { pathname } = new URL(page.url());
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      await page.goto(`${origin}/`);
      await page.locator(`html[lang=${language}] main textarea`).waitFor();
      await inspect(`a new conversation with others beside it, ${language}`);
      await page.goto(origin + pathname);
      await replied(page, "so far", "running");
      await inspect(`a conversation, ${language}`);
      const begin = messages(page, "user").first();
      await begin.scrollIntoViewIfNeeded();
      await page.locator("[role=log] details.superseded summary").first().click();
      await inspect(`a conversation from its beginning, ${language}`);
      await begin.locator(".message-actions button").last().click();
      await page.locator(".edit-message textarea").waitFor();
      await inspect(`a message being edited, ${language}`);
      await page.keyboard.press("Escape");

      const menu = page.locator(".conversation-menu").first();
      await menu.click();
      await page.getByRole("menu").waitFor();
      await inspect(`the menu of a conversation, ${language}`);
      await page.getByRole("menuitem").first().click();
      await page.getByRole("dialog").waitFor();
      await inspect(`a dialog, ${language}`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.locator(".settings-button").click();
      await page.getByRole("dialog").locator("textarea").first().waitFor();
      await inspect(`the settings of a conversation, ${language}`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.locator('[role=searchbox]').fill("nothing has this");
      await page.locator('[role=searchbox]').fill("everything");
      await page.locator(".message-hit").first().waitFor();
      await inspect(`hits of a search, ${language}`);

      await page.keyboard.press("ControlOrMeta+k");
      const palette = page.locator(".palette");
      await palette.getByRole("option").first().waitFor();
      await inspect(`the palette, ${language}`);
      await palette.getByRole("combobox").fill("everything");
      await palette.getByRole("option").first().waitFor();
      await inspect(`what the palette finds, ${language}`);
      await page.keyboard.press("Escape");
      await palette.waitFor({ state: "detached" });
      await page.getByRole("log").focus();
      await page.keyboard.press("?");
      await page.getByRole("dialog").getByRole("region").first().waitFor();
      await inspect(`the shortcuts, ${language}`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await ask("the model was hung up on");
    assert.deepEqual(problems, []);
  },
};

/** The other pages, found and not found, what asks there before it acts, and the drawer of a phone. */
export const accessiblePages = {
  ...quiet,
  play: async ({ page, enter, origin, ask }) => {
    const { problems, inspect } = inspector(page);
    await enter();
    await talk(page, "Make a job", "Hello");
    const paths = JSON.parse(await ask("the paths of all pages"));
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      for (const path of paths) {
        await visit(page, origin + path, language);
        await inspect(`${path}, ${language}`);
      }
      const questions = { "/runtimes": ".worker-commands button", "/settings/tokens": "[data-token-id] .card-command" };
      for (const [path, opener] of Object.entries(questions)) {
        await visit(page, origin + path, language);
        await page.locator(opener).first().click();
        await page.getByRole("alertdialog").waitFor();
        await inspect(`the question on ${path}, ${language}`);
      }
    }
    await page.setViewportSize({ width: 390, height: 844 });
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      await visit(page, origin, language);
      await page.locator(".topbar button").first().click();
      await page.getByRole("dialog").getByRole("listitem").first().waitFor();
      await inspect(`the drawer of a phone, ${language}`);
    }
    assert.deepEqual(problems, []);
  },
};

/** A task in each of its parts, with files found and one of them open. The step answers with its description. */
export const accessibleTasks = {
  ...quiet,
  play: async ({ page, enter, origin, ask }) => {
    const { problems, inspect } = inspector(page);
    await enter();
    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    await page.getByRole("button", { name: "New task", exact: true }).click();
    await page.locator(".cm-content:focus").waitFor();
    await inspect("a new task");
    await page.keyboard.insertText(await ask("the task"));
    await page.locator('[data-testid="save-state"][data-state="saved"]').waitFor();
    const { pathname } = new URL(page.url());
    await page.goto(`${origin}${pathname}/runs`);
    await page.getByRole("radio", { name: "The engine alone" }).check();
    await page.getByTestId("start-finder").getByRole("button", { name: "Find files", exact: true }).click();
    await page.locator('[data-testid="workflow"][data-state="completed"]').waitFor();
    await page.goto(`${origin}${pathname}/files`);
    await page.locator(".file-open").first().click();
    const { search } = new URL(page.url());
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      await visit(page, `${origin}/tasks`, language);
      await page.locator("li[data-task-id]").first().waitFor();
      await inspect(`tasks, ${language}`);
      await visit(page, origin + pathname, language);
      await page.locator(".cm-content").waitFor();
      await page.locator(".editor-bar button[aria-expanded]").click();
      await page.getByTestId("improve").waitFor();
      await inspect(`a description, ${language}`);
      await visit(page, `${origin}${pathname}/files${search}`, language);
      await page.locator(".preview .cm-content").waitFor();
      await page.locator(".file-why").first().click();
      await inspect(`files and one of them, ${language}`);
      await visit(page, `${origin}${pathname}/files?view=tree`, language);
      await page.locator(".folder-open").first().waitFor();
      await inspect(`files as a tree, ${language}`);
      await visit(page, `${origin}${pathname}/runs`, language);
      for (const result of await page.locator(".stage-commands button[aria-expanded]").all()) {
        await result.click();
      }
      await page.getByTestId("artifact").nth(3).waitFor();
      await inspect(`a search with its results, ${language}`);
      await visit(page, `${origin}${pathname}/versions`, language);
      await page.locator("[data-version]").first().waitFor();
      await inspect(`versions, ${language}`);
      await visit(page, `${origin}/settings/workspaces`, language);
      await page.locator("li[data-workspace-id]").first().waitFor();
      await inspect(`workspaces, ${language}`);
    }
    assert.deepEqual(problems, []);
  },
};
