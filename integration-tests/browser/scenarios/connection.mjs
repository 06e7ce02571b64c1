// The network between the console and the server: shared, cut, and back.

import assert from "node:assert/strict";
import { openFront } from "../front.mjs";
import { button, field, messages, replied, send, talk } from "../page.mjs";

const watch = "/banto.v1.Feed/Watch";

/** Serves the console through a proxy of the scenario's own. */
const throughFront = async ({ page, origin, link, network, afterwards }) => {
  const front = await openFront(origin);
  afterwards(() => front.close());
  network.ours(front.url);
  await page.goto(link.replace(origin, front.url));
  await field(page).waitFor();
  return front;
};

/** Ten tabs of one browser, which has six connections for all of them. */
export const tenTabs = async (stage) => {
  const { page, context } = stage;
  const front = await throughFront(stage);
  await talk(page, "Hello from the first", "Alone");
  const tabs = [page];
  while (tabs.length < 10) {
    const tab = await context.newPage();
    await tab.goto(page.url());
    await replied(tab, "Alone", "completed");
    tabs.push(tab);
  }
  const [first] = tabs;
  const last = tabs.at(-1);
  await send(last, "Hello from the tenth");
  await Promise.all(tabs.map((tab) => messages(tab, "user").filter({ hasText: "from the tenth" }).waitFor()));
  await replied(first, "Alone", "completed");
  assert.equal(front.open(watch), 1, "one stream is open for all tabs");
  assert.equal(front.calls(watch), 1, "and none was opened besides");

  // Within one second on any machine that is not busy with other things.
  const took = await last.evaluate(async () => {
    const begun = performance.now();
    await fetch("/banto.v1.RuntimeRegistry/ListRuntimes", {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto", authorization: `Bearer ${localStorage["banto.token"]}` },
      body: new Uint8Array(5),
    });
    return performance.now() - begun;
  });
  assert.ok(took < 1_000, `a call took ${took} ms`);

  await first.close();
  await send(last, "Without the first");
  await Promise.all(tabs.slice(1).map((tab) => messages(tab, "user").filter({ hasText: "Without the first" }).waitFor()));
  assert.equal(front.calls(watch), 1, "the stream outlives the tab that opened it");
};

/** Offline in the middle of a reply, and back. */
export const offline = async (stage) => {
  const { page, context, ask } = stage;
  const front = await throughFront(stage);
  await send(page, "Stay with me");
  await replied(page, "before", "running");
  await field(page).fill("written in a tunnel");

  await context.setOffline(true);
  await front.cut();
  const notice = page.getByText("This device is offline.");
  await notice.waitFor();
  assert.equal(await field(page).inputValue(), "written in a tunnel");
  await ask("open the gate and end the reply");

  await front.mend();
  await context.setOffline(false);
  await replied(page, "before and after", "completed");
  await notice.waitFor({ state: "detached" });
  assert.equal(await messages(page, "user").count(), 1, "the message is there once");
  assert.equal(await messages(page, "assistant").count(), 1, "the reply is there once");
  await field(page).press("Enter");
  await replied(page, "From daylight", "completed");
  assert.equal(await messages(page, "user").last().locator(".message-text").innerText(), "written in a tunnel");
};

/** A message that is sent while nobody listens is kept, and arrives once. */
export const sendOffline = async (stage) => {
  const { page } = stage;
  const front = await throughFront(stage);
  await talk(page, "Is anybody there?", "Yes");
  await front.cut();
  await field(page).fill("Into the void");
  await field(page).press("Enter");
  await page.getByRole("alert").filter({ hasText: "Not sent." }).waitFor();
  assert.equal(await field(page).inputValue(), "Into the void");
  await page.getByText("This message may have arrived already").waitFor();
  await page.getByText("Connection lost. Reconnecting…").waitFor();
  await button(page, "Reconnect now").waitFor();
  await front.mend();
  await field(page).press("Enter");
  await replied(page, "Heard you", "completed");
  assert.equal(await field(page).inputValue(), "");
  assert.equal(await messages(page, "user").filter({ hasText: "Into the void" }).count(), 1);
};
