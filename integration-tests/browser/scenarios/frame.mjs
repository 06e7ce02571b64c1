// What surrounds the pages: the palette, the settings, and the change to another build.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFront } from "../front.mjs";
import { button, conversations, field, messages, replied, send, talk } from "../page.mjs";

const dist = new URL("../../../console-web/dist", import.meta.url).pathname;

/** A copy of the console that says it is of another build. */
const anotherBuild = () => {
  const folder = mkdtempSync(join(tmpdir(), "banto-build-"));
  cpSync(dist, folder, { recursive: true });
  const { build } = JSON.parse(readFileSync(join(folder, "build.json"), "utf8"));
  const other = [...build].reverse().join("");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const text = readFileSync(path, "utf8");
    if (text.includes(build)) {
      writeFileSync(path, text.replaceAll(build, other));
    }
  }
  return folder;
};

/** The server comes back with another console: one reload, and nothing that was written is lost. */
export const upgraded = async ({ page, origin, link, network, afterwards, ask }) => {
  const front = await openFront(origin);
  afterwards(() => front.close());
  const folder = anotherBuild();
  afterwards(() => rmSync(folder, { recursive: true }));
  network.ours(front.url);
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  await page.goto(link.replace(origin, front.url));
  await talk(page, "Before the upgrade", "Noted");
  await send(page, "During the upgrade");
  await replied(page, "half", "running");
  await field(page).fill("a thought of mine");
  const address = page.url();
  loads = 0;
  await front.cut();
  front.serveFrom(folder);
  const reloaded = page.waitForEvent("load");
  await front.mend();
  await reloaded;
  await ask("open the gate");
  await replied(page, "half and whole", "completed");
  assert.equal(page.url(), address);
  assert.equal(await field(page).inputValue(), "a thought of mine");
  const said = messages(page, "user").locator(".message-text");
  assert.deepEqual(await said.allInnerTexts(), ["Before the upgrade", "During the upgrade"]);

  // Another break with the same build changes nothing more.
  await front.cut();
  await page.getByText("Connection lost. Reconnecting…").waitFor();
  await front.mend();
  await page.getByText("Connection lost. Reconnecting…").waitFor({ state: "detached" });
  await field(page).press("Enter");
  await replied(page, "Thought of", "completed");
  assert.equal(loads, 1, "the page was loaded anew once");
};

/** Pages, objects and actions by a few letters; all shortcuts by one. */
export const palette = async ({ page, enter }) => {
  await enter();
  await talk(page, "Ledger of the shop", "Noted");
  await page.keyboard.press("ControlOrMeta+k");
  const dialog = page.getByRole("dialog", { name: "Search and commands" });
  const box = dialog.getByRole("combobox");
  await box.fill("jobs");
  await dialog.getByRole("option", { name: /Jobs/ }).first().waitFor();
  await box.press("Enter");
  await page.waitForURL((url) => url.pathname === "/jobs");
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("ControlOrMeta+k");
  await box.fill("ledger");
  await dialog.getByRole("group", { name: "Conversations" }).getByRole("option", { name: /Ledger of the shop/ }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/c/"));
  await page.keyboard.press("ControlOrMeta+k");
  await box.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement !== document.body);
  await page.getByRole("log").focus();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await field(page).fill("Really");
  await field(page).press("?");
  assert.equal(await field(page).inputValue(), "Really?", "in a text it is a question mark");
};

/** Theme and language stay as they were chosen, in the next visit, too. */
export const appearance = async ({ page, enter, origin }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(`${origin}/settings/appearance`);
  const theme = () => page.locator("html").getAttribute("data-theme");
  const ink = () => page.locator("main h1").first().evaluate((it) => getComputedStyle(it).color);
  await page.getByRole("radio", { name: "Light" }).check();
  const light = await ink();
  await page.getByRole("radio", { name: "Dark" }).check();
  assert.equal(await theme(), "dark");
  assert.notEqual(await ink(), light);
  await page.locator("main").getByRole("combobox", { name: "Language" }).selectOption({ label: "日本語" });
  await page.locator("html[lang=ja]").waitFor();
  await page.reload();
  await page.locator("html[lang=ja][data-theme=dark] main h1").first().waitFor();
  await page.goto(`${origin}/`);
  await page.getByRole("textbox", { name: "メッセージ" }).waitFor();
  assert.equal(await theme(), "dark");
};

/** A token is shown once, works, and stops working when it is revoked. */
export const tokens = async ({ page, enter, origin, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(`${origin}/settings/tokens`);
  await button(page, "New token").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("a script");
  await button(dialog, "Create").click();
  const secret = (await dialog.locator("pre").first().innerText()).trim();
  await button(dialog, "I have copied it").click();
  await dialog.waitFor({ state: "detached" });
  assert.ok(!(await page.content()).includes(secret), "the page has forgotten it");
  await ask(`this token works: ${secret}`);
  const token = page.locator("li[data-token-id]").filter({ hasText: "a script" });
  await button(token, "Revoke “a script”").click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await token.waitFor({ state: "detached" });
  await page.getByText("that is no longer good").click();
  await token.and(page.locator('[data-state="revoked"]')).waitFor();
  await ask(`this token is refused: ${secret}`);
};

/** A provider is tried from its page: its refusal is told, and once mended it turns green. */
export const providers = async ({ page, enter, origin, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.goto(`${origin}/settings/providers`);
  const provider = page.locator('li[data-provider-id="openai"]');
  const check = provider.getByRole("button", { name: /^Check/ });
  await check.waitFor();
  await ask("refuse the next one");
  await check.click();
  await provider.getByRole("alert").filter({ hasText: /credential/ }).waitFor();
  await check.click();
  await provider.locator('[data-usable="true"]').filter({ hasText: "Answered in" }).waitFor();
};

/** Whoever has said nothing yet is shown how to begin; a first message is sent by them alone. */
export const firstRun = async ({ page, enter, origin, ask }) => {
  await enter();
  const tries = page.getByRole("region", { name: "Try a first message" });
  for (const name of ["Try a first message", "What works already", "What a model adds", "Connect a model"]) {
    await page.getByRole("region", { name }).waitFor();
  }
  const question = "What can the Companion not do?";
  await button(tries, question).click();
  const filled = () => page.waitForFunction((text) => document.querySelector("main textarea")?.value === text, question);
  await filled();
  assert.equal(new URL(page.url()).pathname, "/");
  await ask("nobody said anything");
  await page.reload();
  await tries.waitFor();
  await filled();
  await button(page, "Send").click();
  await replied(page, "", "completed");
  assert.deepEqual(await messages(page, "user").locator(".message-text").allInnerTexts(), [question]);
  await ask("one conversation was begun");

  // They are loaded by now, so that they would be there with what is waited for.
  await page.getByRole("link", { name: "New conversation" }).first().click();
  await page.waitForURL(`${origin}/`);
  await page.getByRole("note").filter({ hasText: "No model is connected" }).waitFor();
  await conversations(page).getByRole("link", { name: question }).waitFor();
  assert.equal(await tries.count(), 0, "whoever has begun needs no first steps");
  await page.goto(`${origin}/welcome`);
  await page.getByRole("heading", { name: "First steps", level: 1 }).waitFor();
  await button(tries, question).click();
  await page.waitForURL(`${origin}/`);
  await filled();
  await ask("one conversation was begun");
};
