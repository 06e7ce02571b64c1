// The console without a mouse.

import assert from "node:assert/strict";

/** Walks by Tab until `target` has the focus, as someone without a mouse does. */
export const walkTo = async (page, target, key = "Tab") => {
  for (let steps = 0; steps < 80; steps += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press(key);
  }
  assert.fail(`${target} cannot be reached by ${key}`);
};

/** After an action the focus is on something; from the body one would have to begin anew. */
export const keepsFocus = (page, what) =>
  page
    .waitForFunction(() => document.activeElement !== null && document.activeElement !== document.body)
    .catch(() => assert.fail(`the focus was lost after this: ${what}`));

/** Walks there and presses a key. */
export const press = async (page, target, key = "Enter", walk = "Tab") => {
  await target.waitFor();
  await walkTo(page, target, walk);
  await page.keyboard.press(key);
};
