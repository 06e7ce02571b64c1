/**
 * Copies a text. The clipboard's own interface exists only in a secure context,
 * and a browser may refuse it there; the older way through a selection works
 * over plain HTTP as well.
 */
export async function copyText(text: string): Promise<boolean> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  try {
    if (clipboard !== undefined) {
      await clipboard.writeText(text);
      return true;
    }
  } catch {
    // Then the older way.
  }
  return copySelection(text);
}

function copySelection(text: string): boolean {
  const holder = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // A dialog keeps the focus inside, so the text has to be there too.
  (holder?.closest("[role='dialog'], [role='alertdialog']") ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (holder instanceof HTMLElement) {
      holder.focus({ preventScroll: true });
    }
  }
}
