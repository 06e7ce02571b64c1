import { type RefObject, useState } from "react";

/**
 * For `onCloseAutoFocus` of a dialog that has no trigger of its own: Radix
 * would leave the focus nowhere. It goes back to where it was when the dialog
 * opened, or to `to`.
 */
export function useReturnFocus(to?: RefObject<HTMLElement | null>): (event: Event) => void {
  const [opener] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    const target = to?.current ?? opener;
    if (target instanceof HTMLElement && target.isConnected) {
      target.focus();
    }
  };
}
