/**
 * A button that cannot be pressed again, or went with what it was about, takes the
 * focus along. Then the heading of its panel has it, and Tab goes on from there.
 */
export function keepFocus(panel: Element | null | undefined): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) {
      panel?.querySelector<HTMLElement>("h2[tabindex]")?.focus({ preventScroll: true });
    }
  });
}
