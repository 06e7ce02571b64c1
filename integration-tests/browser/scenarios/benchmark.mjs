// Times and sizes of the console, for `make bench`. Each is told to the program
// that started this with the aim that it stands beside.

import { field, messages, replied, send, transcript } from "../page.mjs";
import { editor } from "../plan.mjs";

const figure = (ask, name, value, unit, aim) => ask(`figure ${JSON.stringify({ name, value, unit, aim })}`);

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Counters of the page's process, in seconds and bytes. */
const counters = async (cdp) => {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
};

const heap = async (cdp) => {
  // Once for what dies and once for what that kept alive.
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  return (await counters(cdp)).JSHeapUsedSize;
};

const mib = (bytes) => bytes / 1024 / 1024;

export const benchmark = async ({ page, context, enter, origin, ask }) => {
  await enter();
  await field(page).waitFor();
  await send(page, "Warm up");
  await replied(page, "warm", "completed");
  await firstLoad(context, page.url(), ask);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  await stream(page, cdp, ask);
  await typing(page, ask);
  await longConversation(page, origin, ask);
  await longPlan(page, origin, ask);
  await memory(page, cdp, origin, ask);
};

/** A conversation by its address, with nothing in the cache and a processor a quarter as fast. */
async function firstLoad(context, address, ask) {
  const tab = await context.newPage();
  const cdp = await context.newCDPSession(tab);
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  const heads = new Map();
  cdp.on("Network.responseReceived", ({ requestId, response }) => {
    if (!response.url.includes("/banto.v1.")) {
      heads.set(requestId, response.encodedDataLength);
    }
  });
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes += heads.has(requestId) ? encodedDataLength - heads.get(requestId) : 0;
  });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await tab.addInitScript(() => {
    globalThis.busyUntil = 0;
    new PerformanceObserver((list) => {
      globalThis.busyUntil = Math.max(globalThis.busyUntil, ...list.getEntries().map((it) => it.startTime + it.duration));
    }).observe({ type: "longtask", buffered: true });
  });
  await tab.goto(address);
  await replied(tab, "warm", "completed");
  // Interactive: all is there, and half a second passed without a long task.
  const interactive = await tab.evaluate(async () => {
    const there = performance.now();
    let at = there;
    while (performance.now() - at < 500) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      at = Math.max(there, globalThis.busyUntil);
    }
    return at;
  });
  await figure(ask, "first load as it travels, gzip", bytes / 1024, "KiB", 250);
  await figure(ask, "interactive, processor at a quarter", interactive, "ms");
  await tab.close();
}

/** 1,500 pieces of a reply in three seconds. */
async function stream(page, cdp, ask) {
  const before = await counters(cdp);
  await send(page, "1,500 pieces");
  await replied(page, "the last piece", "completed");
  const after = await counters(cdp);
  const spent = (name) => (after[name] - before[name]) * 1000;
  await figure(ask, "script for 1,500 pieces in 3 s", spent("ScriptDuration"), "ms");
  await figure(ask, "all work for them", spent("TaskDuration"), "ms");
  await figure(ask, "of it layout and style", spent("LayoutDuration") + spent("RecalcStyleDuration"), "ms");
}

/** Types into what has the focus. Returns how long each key took to the paint that shows it, the shortest first. */
async function keyTimes(page) {
  await page.evaluate(() => {
    globalThis.keys = [];
    new PerformanceObserver((list) => {
      const keys = list.getEntries().filter(({ name }) => name === "keydown");
      globalThis.keys.push(...keys.map(({ duration }) => duration));
    }).observe({ type: "event", durationThreshold: 16 });
  });
  const text = "The quick brown fox jumps over the lazy dog, again and again and again, until it sleeps.";
  for (const letter of text) {
    await page.keyboard.press(letter === " " ? "Space" : letter, { delay: 15 });
  }
  const slow = await page.evaluate(() => globalThis.keys);
  // What took less than a frame is not reported.
  return [...slow, ...Array.from({ length: Math.max(0, text.length - slow.length) }, () => 16)].sort((a, b) => a - b);
}

/** From a key to the paint that shows it, while a reply is written. */
async function typing(page, ask) {
  await send(page, "Talk while I type");
  await replied(page, "piece", "running");
  await field(page).focus();
  const all = await keyTimes(page);
  const running = await messages(page, "assistant").last().getAttribute("data-state");
  await field(page).fill("");
  await replied(page, "the last piece", "completed");
  await figure(ask, `key to paint, p95, reply ${running}`, quantile(all, 0.95), "ms", 50);
}

async function longConversation(page, origin, ask) {
  const { path, newest, title } = JSON.parse(await ask("a long conversation"));
  await page.goto(`${origin}/`);
  const link = page.getByRole("list", { name: "Conversations" }).getByRole("link", { name: title, exact: true });
  await link.waitFor();
  const opened = await link.evaluate(async (element, text) => {
    const begun = performance.now();
    element.click();
    while (!document.querySelector("[role=log]")?.textContent.includes(text)) {
      await new Promise(requestAnimationFrame);
    }
    // The frame after the one that has it in the tree shows it.
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
  }, newest);
  await figure(ask, "10,000 messages: opened from the list", opened, "ms", 1000);
  const begun = Date.now();
  await page.goto(origin + path);
  await page.getByText(newest).waitFor();
  await figure(ask, "10,000 messages: opened by address", Date.now() - begun, "ms", 1000);

  await transcript(page).hover();
  const { times: frames, passed } = await page.evaluate(async () => {
    const log = document.querySelector("[role=log]");
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    const end = last + 6_000;
    while (last < end) {
      // As fast as a hand on a wheel: six screens a second.
      log.scrollTop -= 80;
      const now = await new Promise(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    const shown = log.querySelector("article .message-text")?.innerText ?? "";
    return { times: times.sort((a, b) => a - b), passed: 5_000 - Number(/\d+/.exec(shown)?.[0]) };
  });
  await figure(ask, "scrolling up 6 s: turns passed", passed, "");
  await figure(ask, "scrolling up 6 s: median frame", quantile(frames, 0.5), "ms");
  await figure(ask, "scrolling up 6 s: longest frame", frames.at(-1), "ms", 50);
  await figure(ask, "frames over 50 ms", frames.filter((time) => time > 50).length, "", 0);
}

/** A plan of a megabyte in the editor: until it is there, and from a key to its paint. */
async function longPlan(page, origin, ask) {
  const { path } = JSON.parse(await ask("a long plan"));
  const begun = Date.now();
  await page.goto(`${origin}${path}?view=edit`);
  await page.locator("[data-testid=plan-editor] .cm-line", { hasText: "<implementation_plan>" }).waitFor();
  await figure(ask, "1 MB plan: opened in the editor", Date.now() - begun, "ms", 2000);
  // In the middle of it, once all that follows the opening is over.
  await page.locator(".plan-outline [data-step]").nth(200).click();
  await editor(page).click();
  await page.locator('[data-testid=plan-save-state][data-state="clean"]').waitFor();
  const times = await keyTimes(page);
  await figure(ask, "1 MB plan: key to paint, p50", quantile(times, 0.5), "ms", 50);
  await figure(ask, "1 MB plan: key to paint, p95", quantile(times, 0.95), "ms", 50);
}

/** As many pieces as an hour has at fifty a second, in replies of a minute each. */
async function memory(page, cdp, origin, ask) {
  const { path } = JSON.parse(await ask("a conversation for an hour"));
  await page.goto(origin + path);
  await replied(page, "the last piece", "completed");
  const before = await heap(cdp);
  const { pieces, newest } = JSON.parse(await ask("an hour's stream"));
  await page.locator("[role=log]", { hasText: newest }).waitFor();
  await replied(page, "the last piece", "completed");
  const after = await heap(cdp);
  await figure(ask, "heap of the page", mib(before), "MiB");
  await figure(ask, `heap after ${pieces} pieces more`, mib(after), "MiB");
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  await figure(ask, "elements on the page then", nodes, "");
}
