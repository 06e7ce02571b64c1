import { beforeEach, describe, expect, it, vi } from "vitest";
import { followUpgrades, holdReload, takeNewBuild } from "./upgrade";

describe("takeNewBuild", () => {
  beforeEach(() => sessionStorage.clear());

  it("leaves a page of the server's own build alone, and one that cannot ask", async () => {
    const reload = vi.fn<() => void>();
    expect(await takeNewBuild(sessionStorage, reload, async () => __BUILD_ID__)).toBe(false);
    expect(await takeNewBuild(sessionStorage, reload, async () => undefined)).toBe(false);
    expect(reload).not.toHaveBeenCalled();
  });

  it("reloads once for a build, even if the page stays as it was", async () => {
    const reload = vi.fn<() => void>();
    await takeNewBuild(sessionStorage, reload, async () => "other");
    await takeNewBuild(sessionStorage, reload, async () => "other");
    expect(reload).toHaveBeenCalledOnce();
    await takeNewBuild(sessionStorage, reload, async () => "third");
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it("waits for what is shown only once", async () => {
    const reload = vi.fn<() => void>();
    const release = holdReload();
    await takeNewBuild(sessionStorage, reload, async () => "other");
    expect(reload).not.toHaveBeenCalled();
    release();
    expect(reload).toHaveBeenCalledOnce();
  });

  it("waits for the end of a composition", async () => {
    vi.useFakeTimers();
    followUpgrades(window);
    const reload = vi.fn<() => void>();
    window.dispatchEvent(new Event("compositionstart"));
    await takeNewBuild(sessionStorage, reload, async () => "fourth");
    expect(reload).not.toHaveBeenCalled();
    window.dispatchEvent(new Event("compositionend"));
    vi.advanceTimersByTime(200);
    expect(reload).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });
});
