// Narrow and quiet: a phone, and someone who wants nothing to move.

import assert from "node:assert/strict";
import { button, field, replied, send, talk, tooWide, transcript, visit } from "../page.mjs";

/** 390 pixels: the drawer, a composer that a thumb reaches, and no page wider than the phone. */
export const phone = {
  options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  play: async ({ page, enter, origin, ask }) => {
    await enter();
    await talk(page, "Wide things, please", "The end of wide things");
    const conversation = page.url();
    const box = await field(page).boundingBox();
    assert.ok(box.y > 844 / 2 && box.y + box.height < 844, "the composer is in the lower half of the phone");
    const target = await button(page, "Send").boundingBox();
    assert.ok(target.height >= 40, `Send is ${target.height} px high`);

    await button(page, "Open menu").tap();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("link", { name: "Runtimes and workers" }).waitFor();
    assert.equal(await tooWide(page), 0);
    await button(drawer, "Close menu").tap();
    await drawer.waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Open menu");
    await button(page, "Open menu").tap();
    await drawer.getByRole("link", { name: "Jobs", exact: true }).tap();
    await page.waitForURL((url) => url.pathname === "/jobs");
    await drawer.waitFor({ state: "detached" });

    const paths = JSON.parse(await ask("the paths of all pages"));
    for (const language of ["en", "ja"]) {
      await page.evaluate((chosen) => localStorage.setItem("banto.language", chosen), language);
      for (const path of [...paths, new URL(conversation).pathname]) {
        await visit(page, origin + path, language);
        assert.equal(await tooWide(page), 0, `${path} in ${language} is wider than the phone`);
      }
    }
    await replied(page, "The end of wide things", "completed");
    const code = transcript(page).locator("pre").first();
    assert.ok(await code.evaluate((it) => it.scrollWidth > it.clientWidth), "wide code scrolls by itself");
  },
};

/** With reduced motion nothing on the page is animated, not even while a reply is written. */
export const reducedMotion = {
  options: { reducedMotion: "reduce" },
  play: async ({ page, enter, ask }) => {
    await enter();
    const moving = () => document.getAnimations().filter((it) => it.playState === "running").length;
    await send(page, "Calmly");
    await replied(page, "one", "running");
    assert.equal(await page.evaluate(moving), 0);
    await ask("open the gate");
    await replied(page, "one two", "completed");
    await page.getByRole("button", { name: /^Actions for/ }).first().click();
    await page.getByRole("menuitem", { name: "Delete" }).waitFor();
    assert.equal(await page.evaluate(moving), 0);
  },
};
