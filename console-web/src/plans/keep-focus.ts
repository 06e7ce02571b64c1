/**
 * A button that cannot be pressed again, or went with what it was about, takes the
 * focus along. Then what names its panel or tells of its state has it, and Tab goes on
 * from there.
 */
export function keepFocus(panel: Element | null | undefined): void {
  requestAnimationFrame(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.matches(":disabled")) {
      panel?.querySelector<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
    }
  });
}
