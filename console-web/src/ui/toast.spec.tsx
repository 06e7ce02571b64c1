import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { renderConsole } from "../testing/render-console";
import { ToastRegion, showToast } from "./toast";

// It is loaded with the first toast, which on a busy machine takes longer than a test waits.
beforeAll(() => import("./toast-list"));

const show = (words: Parameters<typeof showToast>[0]) => act(() => showToast(words));

describe("a toast", () => {
  it("runs its action once and then is gone, without lapsing", async () => {
    await renderConsole(<ToastRegion />, () => undefined);
    const run = vi.fn<() => void>();
    const onLapsed = vi.fn<() => void>();
    show({ text: "Deleted", action: { label: "Undo", run }, onLapsed });
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(run).toHaveBeenCalledOnce();
    expect(onLapsed).not.toHaveBeenCalled();
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });

  it("lapses after its time", async () => {
    await renderConsole(<ToastRegion />, () => undefined);
    const onLapsed = vi.fn<() => void>();
    show({ text: "Deleted", durationMs: 50, onLapsed });
    await waitFor(() => expect(onLapsed).toHaveBeenCalledOnce());
  });

  it("lapses when it is closed", async () => {
    await renderConsole(<ToastRegion />, () => undefined);
    const onLapsed = vi.fn<() => void>();
    show({ text: "Deleted", onLapsed });
    await userEvent.click(await screen.findByRole("button", { name: "Close message" }));
    expect(onLapsed).toHaveBeenCalledOnce();
  });

  it("makes room when there are many: the oldest lapses", async () => {
    await renderConsole(<ToastRegion />, () => undefined);
    const onLapsed = vi.fn<() => void>();
    show({ text: "first", onLapsed });
    show({ text: "second" });
    show({ text: "third" });
    show({ text: "fourth" });
    expect(onLapsed).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.getAllByRole("button", { name: "Close message" })).toHaveLength(3));
  });
});
