// @vitest-environment jsdom
// DOMPurify sanitises nothing in happy-dom; see its README.
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it } from "vitest";
import { renderConsole } from "../testing/render-console";
import { Markdown } from "./markdown";

// It is loaded when it is wanted, which on a busy machine takes longer than a test waits.
beforeAll(() => import("./link-dialog"));

describe("Markdown", () => {
  it("asks before it opens a link, and shows all of its address", async () => {
    await renderConsole(<Markdown text="[a page](https://example.com/very/long?x=1#y)" complete />, () => undefined);
    const link = screen.getByRole("link", { name: "a page" });
    await userEvent.click(link);
    const dialog = await screen.findByRole("dialog", { name: "Open this link?" });
    expect(dialog.textContent).toContain("https://example.com/very/long?x=1#y");
    const open = screen.getByRole("link", { name: "Open" });
    expect([open.getAttribute("href"), open.getAttribute("target"), open.getAttribute("rel")]).toEqual([
      "https://example.com/very/long?x=1#y",
      "_blank",
      "noopener noreferrer",
    ]);
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(link));
  });

  it("asks as well when a key is held", async () => {
    await renderConsole(<Markdown text="<https://example.com/>" complete />, () => undefined);
    const user = userEvent.setup();
    await user.keyboard("{Control>}");
    await user.click(screen.getByRole("link"));
    await user.keyboard("{/Control}");
    expect(await screen.findByRole("dialog")).toBeTruthy();
  });

  it("keeps what is on the page while a block grows", async () => {
    const code = (lines: number) => `\`\`\`text\n${"line\n".repeat(lines)}`;
    const { rerender } = await renderConsole(<Markdown text={code(1)} complete={false} />, () => undefined);
    const button = screen.getByRole("button", { name: "Copy code" });
    rerender(<Markdown text={code(3)} complete={false} />);
    expect(screen.getByRole("button", { name: "Copy code" })).toBe(button);
    expect(document.querySelector("code")?.textContent).toBe("line\nline\nline");
  });
});
