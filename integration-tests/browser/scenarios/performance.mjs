// What must hold on any machine, however busy: how much is drawn and fetched,
// and that nothing jumps. Times are measured by `make bench`.

import assert from "node:assert/strict";
import { button, field, replied, send, transcript } from "../page.mjs";

/** Adds up the layout shifts that nobody caused. */
const addUpShifts = () => {
  globalThis.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      globalThis.shift += entry.hadRecentInput ? 0 : entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
};

/** 5,000 tokens of Markdown stream, and what stands on the page stays where it is. */
export const steady = async ({ page, enter }) => {
  await page.addInitScript(addUpShifts);
  await enter();
  await send(page, "Five thousand tokens");
  await replied(page, "The last of five thousand", "completed");
  const shift = await page.evaluate(() => globalThis.shift);
  assert.ok(shift <= 0.02, `the cumulative layout shift is ${shift}`);
};

/** The end is followed only by someone who is there; a reader elsewhere sees nothing move. */
export const follow = async ({ page, enter, ask }) => {
  await enter();
  await send(page, "A long story");
  await replied(page, "chapter 40", "running");
  const atEnd = () => {
    const log = document.querySelector("[role=log]");
    return log.scrollHeight - log.scrollTop - log.clientHeight < 64;
  };
  await page.waitForFunction(atEnd);
  await transcript(page).hover();
  await page.mouse.wheel(0, -600);
  await button(page, "Jump to latest").waitFor();
  const wanders = page.evaluate(async () => {
    const log = document.querySelector("[role=log]");
    const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest("p, h2, li");
    const top = middle.getBoundingClientRect().top;
    let most = 0;
    while (document.querySelector("[role=log] article:last-of-type[data-state=running]")) {
      await new Promise(requestAnimationFrame);
      most = Math.max(most, Math.abs(middle.getBoundingClientRect().top - top));
    }
    return { most, stillThere: log.contains(middle) };
  });
  await ask("open the gate");
  const { most, stillThere } = await wanders;
  assert.ok(stillThere, "what was read is still the same piece of the page");
  assert.ok(most <= 1, `what was read moved by ${most} px`);
  await button(page, "Jump to latest").click();
  await page.waitForFunction(atEnd);
  await page.getByText("chapter 80").waitFor();
  await button(page, "Jump to latest").waitFor({ state: "detached" });
};

/** A conversation of 10,000 messages: one page of it comes, and a screenful is drawn. */
export const longConversation = async ({ page, enter, origin, ask }) => {
  await enter();
  await field(page).waitFor();
  let fetched = 0;
  page.on("request", (request) => {
    fetched += request.url().endsWith("/GetTranscript") ? 1 : 0;
  });
  const { path, messages } = JSON.parse(await ask("a long conversation"));
  await page.goto(origin + path);
  await page.getByText(`Answer ${messages / 2}.`).waitFor();
  assert.equal(fetched, 0, "the stream brought the newest page, nothing else was fetched");
  const drawn = () => transcript(page).locator("article").count();
  assert.ok((await drawn()) <= 40, `${await drawn()} messages are drawn`);

  const most = await page.evaluate(async () => {
    const log = document.querySelector("[role=log]");
    let articles = 0;
    const isFirst = () => log.querySelector("article .message-text")?.innerText === "Question 1.";
    while (!isFirst()) {
      log.scrollTop = 0;
      await new Promise(requestAnimationFrame);
      articles = Math.max(articles, log.querySelectorAll("article").length);
    }
    return articles;
  });
  assert.ok(most <= 60, `${most} messages were drawn at once`);
  await page.getByText("This is where the conversation begins.").waitFor();
  assert.ok(fetched <= messages / 100, `${fetched} pages were fetched`);
  await button(page, "Jump to latest").click();
  await page.getByText(`Answer ${messages / 2}.`).waitFor();
};
