// Talking with the Companion. The Rust test of the same name in tests/browser
// plays the model and the server.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { button, conversations, field, messages, replied, reply, send, talk, transcript } from "../page.mjs";
import { hostilePieces } from "./hostile-pieces.mjs";

/** The page keeps nothing of the launch code, and a reply grows while it is written. */
export const stream = async ({ page, enter, ask }) => {
  await enter();
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

export const stop = async ({ page, enter, ask }) => {
  await enter();
  await send(page, "Never end");
  await replied(page, "so far", "running");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await replied(page, "so far", "cancelled");
  await ask("the model was hung up on");
  await send(page, "And now?");
  await replied(page, "Of course", "completed");
};

export const error = async ({ page, enter }) => {
  await enter();
  await send(page, "Fail, please");
  await replied(page, "", "provider_failed");
  const end = reply(page).getByTestId("turn-end");
  assert.match(await end.innerText(), /refused the credential/);
  await end.getByRole("button", { name: "Retry" }).click();
  await replied(page, "Second try", "completed");
};

export const reload = async ({ page, enter, ask }) => {
  await enter();
  await send(page, "Take your time");
  await replied(page, "one ", "running");
  await page.reload();
  await replied(page, "one ", "running");
  await ask("open the gate");
  await replied(page, "one two", "completed");
  assert.equal(await messages(page, "assistant").count(), 1, "the reply is there once");
  assert.equal(await messages(page, "user").count(), 1);
};

export const restart = async ({ page, enter, ask }) => {
  await enter();
  await send(page, "Live through this");
  await replied(page, "before the crash", "running");
  await ask("kill the server");
  await page.getByText("Reconnecting").first().waitFor();
  await ask("start the server");
  await replied(page, "before the crash", "interrupted");
  await send(page, "Still there?");
  await replied(page, "Still here", "completed");
};

export const secondTab = async ({ page, enter, context, ask }) => {
  await enter();
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
export const eightTabs = async ({ page, enter, context }) => {
  await enter();
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
export const composition = async ({ page, enter, context }) => {
  await enter();
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
export const hostile = async ({ page, enter, ask }) => {
  await enter();
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

export const unavailable = async ({ page, enter }) => {
  await enter();
  const notice = page.getByRole("alert").filter({ hasText: "The Companion cannot answer" });
  await notice.waitFor();
  assert.match(await notice.innerText(), /KEY_THAT_IS_NOT_SET/);
  await field(page).fill("hello");
  assert.equal(await page.getByRole("button", { name: "Send", exact: true }).isDisabled(), true);
};

export const guide = async ({ page, enter }) => {
  await enter();
  await page.getByText("No model is connected").first().waitFor();
  await send(page, "How do I connect a model?");
  await replied(page, "", "completed");
  const sources = page.getByRole("region", { name: "From the documentation" });
  await sources.getByRole("link").first().click();
  await page.waitForURL((url) => url.pathname.startsWith("/docs/"));
  await page.getByRole("main").getByRole("heading", { level: 1 }).first().waitFor();
};

/** An edited message begins a new conversation; the one that it came from stays. */
export const fork = async ({ page, enter }) => {
  await enter();
  await talk(page, "Tell me about cats", "Cats it is");
  await talk(page, "And their food?", "Fish");
  const original = page.url();
  await messages(page, "user").last().hover();
  await button(page, "Edit message").last().click();
  const edited = page.getByRole("textbox", { name: "Edited message" });
  assert.equal(await edited.inputValue(), "And their food?");
  await edited.fill("And their sleep?");
  await button(page, "Send as new conversation").click();
  await page.waitForURL((url) => url.href !== original && url.pathname.startsWith("/c/"));
  await replied(page, "All day", "completed");
  const said = messages(page, "user").locator(".message-text");
  assert.deepEqual(await said.allInnerTexts(), ["Tell me about cats", "And their sleep?"]);
  await page.getByRole("link", { name: "Open the original" }).click();
  await page.waitForURL(original);
  await replied(page, "Fish", "completed");
  assert.deepEqual(await said.allInnerTexts(), ["Tell me about cats", "And their food?"]);
};

/** A regenerated reply stands in the earlier one's place, which can still be opened. */
export const regenerate = async ({ page, enter }) => {
  await enter();
  await talk(page, "Give me a word", "The first word");
  await button(page, "Regenerate").click();
  await replied(page, "The second word", "completed");
  const earlier = transcript(page).locator("details.superseded");
  assert.equal(await earlier.getByText("The first word").isVisible(), false);
  await earlier.locator("summary").click();
  await earlier.getByText("The first word").waitFor();
  await page.reload();
  await replied(page, "The second word", "completed");
  assert.equal(await messages(page, "user").count(), 1);
};

/** While an attempt fails and another follows, the page says which, when and why. */
export const attempts = async ({ page, enter }) => {
  await enter();
  await send(page, "Try hard");
  const status = page.locator('.turn-status[data-state="generating"]');
  await status.filter({ hasText: /Attempt 2 in \d s/ }).waitFor();
  await status.filter({ hasText: "Attempt 1 failed" }).waitFor();
  await replied(page, "At last", "completed");
  await page.locator('.turn-status[data-state="idle"]').waitFor();
};

/** A conversation is renamed, put away and brought back. */
export const housekeeping = async ({ page, enter }) => {
  await enter();
  await talk(page, "Ledger of the shop", "Noted");
  const menu = async (list, title, item) => {
    await button(list, `Actions for “${title}”`).click();
    await page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  await menu(conversations(page), "Ledger of the shop", "Rename");
  await page.getByRole("textbox", { name: "Title" }).fill("帳簿 2026");
  await button(page.getByRole("dialog"), "Save").click();
  await conversations(page).getByRole("link", { name: "帳簿 2026" }).waitFor();
  await page.waitForFunction(() => document.title.startsWith("帳簿 2026"));

  await menu(conversations(page), "帳簿 2026", "Archive");
  await conversations(page).getByRole("link", { name: "帳簿 2026" }).waitFor({ state: "detached" });
  await page.getByText("This conversation is archived.").waitFor();
  await button(page, "Show archived").click();
  const archive = page.getByRole("list", { name: "Archived" });
  await archive.getByRole("link", { name: "帳簿 2026" }).waitFor();
  await menu(archive, "帳簿 2026", "Move back from the archive");
  await conversations(page).getByRole("link", { name: "帳簿 2026" }).waitFor();
  await page.getByText("This conversation is archived.").waitFor({ state: "detached" });
};

/** A search finds titles and messages, in Japanese too, and leads to the very message. */
export const search = async ({ page, enter }) => {
  await enter();
  await talk(page, "倉庫の鍵はどこですか？", "棚の上です");
  await page.getByRole("link", { name: "New conversation" }).first().click();
  await talk(page, "An entirely different matter", "棚の上です");
  const box = page.getByRole("searchbox", { name: "Search messages" });
  await box.fill("倉庫");
  const hits = page.getByRole("region", { name: "Messages", exact: true });
  await hits.getByRole("link").filter({ hasText: "倉庫の鍵" }).first().click();
  await page.waitForURL((url) => url.searchParams.has("at"));
  await transcript(page).locator("article[data-marked]").filter({ hasText: "倉庫の鍵はどこですか？" }).waitFor();
  await box.fill("DIFFERENT");
  await hits.getByRole("link").filter({ hasText: "different matter" }).first().waitFor();
  await box.fill("nobody ever said this");
  await page.getByText("No message has all of these words.").waitFor();
  await box.press("Escape");
  await conversations(page).getByRole("link").nth(1).waitFor();
};

/** A reply is read out when it is whole; the title counts it and the icon marks it when nobody looks. */
export const announced = async ({ page, context, enter, ask }) => {
  await enter();
  await send(page, "Knock when you are ready");
  await replied(page, "Almost", "running");
  const announcer = page.getByTestId("announcer");
  assert.equal(await announcer.innerText(), "", "half a reply is not read out");
  // In a headless browser every page counts as seen; this one is told otherwise.
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const icon = (name) => page.locator(`head link[rel=icon][href="/${name}.svg"]`).waitFor({ state: "attached" });
  await icon("banto");
  await ask("open the gate");
  await announcer.filter({ hasText: "Reply finished. Almost there" }).waitFor();
  await page.waitForFunction(() => document.title.startsWith("(1) Knock when you are ready"));
  await icon("banto-waiting");
  const drawn = await page.evaluate(async () => (await fetch(document.querySelector("link[rel=icon]").href)).headers.get("content-type"));
  assert.match(drawn, /^image\/svg\+xml/);
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForFunction(() => document.title.startsWith("Knock when you are ready"));
  await icon("banto");

  await send(page, "Fail, please");
  await announcer.filter({ hasText: "Reply ended: Provider failed." }).waitFor();
  assert.equal(context.pages().length, 2, "no page was opened besides");
};

/** A deleted conversation can be had back while the notice of it is there; then it is gone for good. */
export const undo = async ({ page, enter, ask }) => {
  await enter();
  await talk(page, "Not this one", "Noted");
  const remove = async () => {
    await button(conversations(page), "Actions for “Not this one”").click();
    await page.getByRole("menuitem", { name: "Delete", exact: true }).click();
    await conversations(page).getByRole("link", { name: "Not this one" }).waitFor({ state: "detached" });
    await page.getByText("Deleted “Not this one”", { exact: true }).first().waitFor();
  };
  await remove();
  await ask("it is there");
  await button(page, "Undo").click();
  await conversations(page).getByRole("link", { name: "Not this one" }).waitFor();
  await page.reload();
  await conversations(page).getByRole("link", { name: "Not this one" }).waitFor();
  await remove();
  await button(page, "Close message").click();
  await ask("it is gone");
};

/** A link says where it goes and asks before it goes there. */
export const links = async ({ page, context, enter }) => {
  await enter();
  await talk(page, "Where is it?", "Look here");
  const link = reply(page).getByRole("link", { name: /innocent/ });
  await link.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("https://elsewhere.example/with/a/path", { exact: true }).waitFor();
  assert.equal(await dialog.getByRole("link").getAttribute("rel"), "noopener noreferrer");
  await button(dialog, "Cancel").click();
  await dialog.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.matches("[role=log] a") === true);
  assert.equal(context.pages().length, 2, "nothing was opened");
};
