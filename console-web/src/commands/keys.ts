import { isComposing } from "../chat/message-text";

const storageKey = "banto.single-keys";
/** Longer than this between two keys, and they are two keys. */
const sequenceMs = 1200;

/**
 * Whether keys without Ctrl or ⌘ are shortcuts. Somebody who speaks to their
 * computer, or leans on the keyboard, can turn them off.
 */
export function singleKeys(storage: Storage): boolean {
  return storage.getItem(storageKey) !== "off";
}

export function setSingleKeys(storage: Storage, on: boolean): void {
  if (on) {
    storage.removeItem(storageKey);
  } else {
    storage.setItem(storageKey, "off");
  }
}

/** Whether a key pressed there is text. */
export function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, [role='textbox'], [role='combobox'], [role='listbox']") ||
      (target instanceof HTMLInputElement && !["button", "checkbox", "radio", "submit", "range"].includes(target.type)))
  );
}

/** A dialog or a menu has the page's keys for itself. */
export function modalOpen(document: Document): boolean {
  return document.querySelector("[role='dialog'], [role='alertdialog'], [role='menu']") !== null;
}

/**
 * The key as shortcuts write it, or undefined for what is none: a modifier, a
 * key of an input method, a combination that belongs to the browser.
 */
export function keyOf(event: KeyboardEvent): string | undefined {
  if (isComposing(event) || event.altKey || event.repeat || event.key.length !== 1) {
    return undefined;
  }
  if (event.ctrlKey || event.metaKey) {
    // On a keyboard of another script the letter is where it is on a Latin one.
    const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? event.key;
    return event.shiftKey ? undefined : `mod+${letter.toLowerCase()}`;
  }
  return event.shiftKey && /[a-z]/i.test(event.key) ? undefined : event.key.toLowerCase();
}

/** Puts keys together to shortcuts such as `g j`. */
export class KeySequence {
  #before = "";
  #at = 0;

  /** What this key may mean, the longest first. */
  add(key: string, now: number): readonly string[] {
    const meanings = this.#before !== "" && now - this.#at <= sequenceMs ? [`${this.#before} ${key}`, key] : [key];
    this.#before = key.startsWith("mod+") ? "" : key;
    this.#at = now;
    return meanings;
  }

  forget(): void {
    this.#before = "";
  }
}

/** The caps of a shortcut, one list for each key that is pressed after another. */
export function keyCaps(keys: string, mac: boolean): readonly (readonly string[])[] {
  return keys.split(" ").map((stroke) => {
    const caps = stroke.startsWith("mod+") ? [mac ? "⌘" : "Ctrl", stroke.slice(4)] : [stroke];
    return caps.map((cap) => (/^[a-z]$/.test(cap) ? cap.toUpperCase() : cap));
  });
}

export function isMac(navigator: Navigator): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
