// Runtimes, workers and jobs: what the server does, as it does it.

import assert from "node:assert/strict";
import { button, field, replied, send, talk } from "../page.mjs";

/** A worker that others stop and restart is seen to stop and restart. */
export const runtimes = async ({ page, enter, ask }) => {
  await enter();
  await field(page).waitFor();
  await page.getByRole("link", { name: "Runtimes and workers" }).click();
  const worker = page.locator("li[data-worker-id]").first();
  const badge = (state) => worker.locator(`.badge[data-state="${state}"]`);
  await badge("ready").waitFor();
  for (const capability of ["filesystem", "shell", "git"]) {
    await page.locator(`[data-capability="${capability}"][data-allowed="false"]`).first().waitFor();
  }
  await ask("stop the worker");
  await badge("stopped").waitFor();
  await ask("restart the worker");
  await badge("ready").waitFor();
  await ask("begin a reply");
  await badge("busy").waitFor();
  await ask("open the gate");
  await badge("ready").waitFor();

  await button(worker, "Stop").click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Stop", exact: true }).click();
  await badge("stopped").waitFor();
  await ask("the worker is stopped");
  await button(worker, "Restart").click();
  await badge("ready").waitFor();
};

/** Each call of a model is a job: filtered, read to the letter, cancelled. */
export const jobs = async ({ page, enter, ask }) => {
  await enter();
  await talk(page, "Which words were sent?", "These ones.");
  await send(page, "Never end");
  await replied(page, "so far", "running");
  await page.getByRole("link", { name: "Jobs", exact: true }).click();
  const rows = (state) => page.locator(`tr[data-job-id][data-state="${state}"]`);
  await rows("running").waitFor();
  await rows("completed").waitFor();
  const filter = page.getByRole("combobox", { name: "State" });
  await filter.selectOption({ label: "Completed" });
  await rows("running").waitFor({ state: "detached" });
  await rows("completed").waitFor();
  assert.equal(await rows("completed").count(), 1);
  await page.waitForURL((url) => url.searchParams.has("state"));
  const chosen = page.url();
  await rows("completed").getByRole("link").first().click();

  const prompt = page.getByRole("region", { name: "Prompt", exact: true });
  await prompt.locator('[data-prompt-role="user"] pre').waitFor();
  const shown = await prompt.locator("[data-prompt-role]").evaluateAll((parts) =>
    parts.map((part) => ({ role: part.dataset.promptRole, content: part.querySelector("pre").textContent })),
  );
  assert.deepEqual(shown, JSON.parse(await ask("the first request's messages")));
  assert.equal(await page.getByRole("region", { name: "Response" }).locator("pre").textContent(), "These ones.");

  await page.goBack();
  await page.waitForURL(chosen);
  await filter.selectOption({ label: "All states" });
  await rows("running").getByRole("link").first().click();
  await button(page, "Cancel job").click();
  await ask("the model was hung up on");
  await button(page, "Cancel job").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Open conversation" }).click();
  await replied(page, "so far", "cancelled");
};

/** An address of nothing says so, whether or not it could be the address of something. */
export const nowhere = async ({ page, enter, origin }) => {
  await enter();
  await field(page).waitFor();
  const nobody = "00000000-0000-0000-0000-000000000000";
  const answers = {
    "/c/": "This conversation does not exist.",
    "/jobs/": "There is no such job.",
    [`/runtimes/${nobody}/`]: "There is no such worker.",
    "/workers/": "There is no page at this address.",
    "/docs/": "The documentation has no such page.",
  };
  for (const [path, answer] of Object.entries(answers)) {
    for (const id of [nobody, "no-id", "日本"]) {
      await page.goto(origin + path + id);
      const main = page.locator("main");
      await main.filter({ has: page.locator(".state-failed, .state-empty") }).waitFor();
      const said = await main.innerText();
      assert.ok(said.includes(answer), `${path}${id} says ${said}`);
      assert.doesNotMatch(said, /UUID|Try again/);
    }
  }
  await page.goto(`${origin}/jobs?conversation=no-id`);
  await page.locator("main .state-empty").waitFor();
  await button(page, "Clear filters").first().click();
  await page.waitForURL(`${origin}/jobs`);
};
