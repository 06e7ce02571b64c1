// What a person does on the page, and what they see. The Rust test of the same
// name in tests/browser.rs plays the model and the server.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { hostilePieces } from "./hostile.mjs";

const field = (page) => page.getByRole("textbox", { name: "Message", exact: true });
const transcript = (page) => page.getByRole("log");
const messages = (page, role) => transcript(page).locator(`article[data-role="${role}"]`);
const reply = (page) => messages(page, "assistant").last();

const send = async (page, text) => {
  await field(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
};

/** Waits for the newest reply to have this text and state. */
const replied = async (page, text, state) => {
  const wanted = page.locator(`[role=log] article[data-role="assistant"][data-state="${state}"]`, { hasText: text });
  await wanted.last().waitFor();
};

/** The page keeps nothing of the launch code, and a reply grows while it is written. */
export const stream = async ({ page, ask }) => {
  await field(page).waitFor();
  assert.ok(!page.url().includes("launch"), "the launch code has left the address bar");
  await send(page, "Say hello");
  await replied(page, "Hello ", "running");
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  await ask("open the gate");
  await replied(page, "Hello world", "completed");
  assert.equal(await messages(page, "user").last().locator(".message-text").innerText(), "Say hello");
  assert.equal(await field(page).inputValue(), "");
  await page.getByRole("button", { name: "Send", exact: true }).waitFor();
};

export const stop = async ({ page, ask }) => {
  await send(page, "Never end");
  await replied(page, "so far", "running");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await replied(page, "so far", "cancelled");
  await ask("the model was hung up on");
  await send(page, "And now?");
  await replied(page, "Of course", "completed");
};

export const error = async ({ page }) => {
  await send(page, "Fail, please");
  await replied(page, "", "provider_failed");
  const end = reply(page).getByTestId("turn-end");
  assert.match(await end.innerText(), /refused the credential/);
  await end.getByRole("button", { name: "Retry" }).click();
  await replied(page, "Second try", "completed");
};

export const reload = async ({ page, ask }) => {
  await send(page, "Take your time");
  await replied(page, "one ", "running");
  await page.reload();
  await replied(page, "one ", "running");
  await ask("open the gate");
  await replied(page, "one two", "completed");
  assert.equal(await messages(page, "assistant").count(), 1, "the reply is there once");
  assert.equal(await messages(page, "user").count(), 1);
};

export const restart = async ({ page, ask }) => {
  await send(page, "Live through this");
  await replied(page, "before the crash", "running");
  await ask("kill the server");
  await page.getByText("Reconnecting").first().waitFor();
  await ask("start the server");
  await replied(page, "before the crash", "interrupted");
  await send(page, "Still there?");
  await replied(page, "Still here", "completed");
};

export const secondTab = async ({ page, context, ask }) => {
  await send(page, "To both");
  await replied(page, "shared", "running");
  const second = await context.newPage();
  await second.goto(page.url());
  await replied(second, "shared", "running");
  await second.getByRole("button", { name: "Stop", exact: true }).click();
  await replied(page, "shared", "cancelled");
  await replied(second, "shared", "cancelled");
  await ask("the model was hung up on");
  await second.close();
  await send(page, "One is left");
  await replied(page, "Alone", "completed");
};

/** Eight tabs of one browser, which has six connections for all of them. */
export const eightTabs = async ({ page, context }) => {
  await send(page, "Hello from the first");
  await replied(page, "Alone", "completed");
  const tabs = [page];
  while (tabs.length < 8) {
    const tab = await context.newPage();
    await tab.goto(page.url());
    await replied(tab, "Alone", "completed");
    tabs.push(tab);
  }
  const begun = Date.now();
  const answered = tabs[7].waitForResponse((response) => response.url().endsWith("/SendMessage"));
  await send(tabs[7], "Hello from the eighth");
  await answered;
  assert.ok(Date.now() - begun < 1_000, `a call took ${Date.now() - begun} ms`);
  await Promise.all(tabs.map((tab) => messages(tab, "user").filter({ hasText: "from the eighth" }).waitFor()));
};

/** Enter takes a suggestion of the input method; only the next one sends. */
export const composition = async ({ page, context }) => {
  await field(page).click();
  const keyboard = await context.newCDPSession(page);
  const text = "日本";
  await keyboard.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
  // Chromium says 229 for a key that the input method takes; not every browser does.
  for (const windowsVirtualKeyCode of [229, 13]) {
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode };
    await keyboard.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
    await keyboard.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
  }
  await keyboard.send("Input.insertText", { text });
  assert.equal(await field(page).inputValue(), text, "Enter took the suggestion");
  assert.equal(await transcript(page).count(), 0, "nothing was sent");
  await field(page).press("Enter");
  await messages(page, "user").filter({ hasText: text }).waitFor();
};

/** Whatever a model writes is text: nothing runs and nothing is fetched. */
export const hostile = async ({ page, ask }) => {
  const fetched = [];
  const canary = createServer((request, response) => {
    fetched.push(request.url);
    response.end();
  });
  await new Promise((resolve) => canary.listen(0, "127.0.0.1", resolve));
  const pieces = hostilePieces(`http://127.0.0.1:${canary.address().port}`);
  assert.ok(pieces.length >= 200);
  await ask(`the model says ${JSON.stringify(pieces)}`);

  for (const way of ["in one piece", "in small pieces"]) {
    await send(page, `Attack ${way}`);
    await replied(page, "the end of the attack", "completed");
    await page.waitForFunction(() => document.readyState === "complete");
    const found = await transcript(page).evaluate((log) => {
      const unsafe = "script,iframe,object,embed,form,base,link,meta,style,svg,math,img,video,audio,input,template";
      const all = [...log.querySelectorAll('article[data-role="assistant"] *')];
      const allowed = new Set(["http:", "https:", "mailto:"]);
      const rendered = all.filter((element) => element.closest(".markdown-block") !== null);
      return {
        rendered: rendered.length > 100,
        elements: rendered.filter((element) => element.matches(unsafe)).map((element) => element.outerHTML),
        handlers: all.flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith("on"))),
        styles: rendered.filter((element) => element.hasAttribute("style")).map((element) => element.outerHTML),
        links: rendered.filter((it) => it.matches("a[href]") && !allowed.has(it.protocol)).map((it) => it.outerHTML),
      };
    });
    assert.deepEqual(found, { rendered: true, elements: [], handlers: [], styles: [], links: [] });
    assert.equal(await page.evaluate(() => "pwned" in globalThis), false, "no script ran");
  }
  await ask("the attack is over");
  assert.deepEqual(fetched, [], "nothing was fetched");
  canary.close();
};

export const unavailable = async ({ page }) => {
  const notice = page.getByRole("alert").filter({ hasText: "The Companion cannot answer" });
  await notice.waitFor();
  assert.match(await notice.innerText(), /KEY_THAT_IS_NOT_SET/);
  await field(page).fill("hello");
  assert.equal(await page.getByRole("button", { name: "Send", exact: true }).isDisabled(), true);
};

export const guide = async ({ page }) => {
  await page.getByText("No model is connected").first().waitFor();
  await send(page, "How do I connect a model?");
  await replied(page, "", "completed");
  await reply(page).getByText("docs/").first().waitFor();
};
