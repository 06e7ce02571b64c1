import { type RefObject, useRef } from "react";

/** For the content of a dialog. */
export interface ReturnFocus {
  readonly onOpenAutoFocus: () => void;
  readonly onCloseAutoFocus: (event: Event) => void;
}

/**
 * For a dialog that has no trigger of its own: Radix would leave the focus
 * nowhere. It goes back to `to`, else to where it was when the dialog opened.
 */
export function useReturnFocus(to?: RefObject<Element | null>): ReturnFocus {
  const opener = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      opener.current = document.activeElement;
    },
    onCloseAutoFocus: (event) => {
      const target = to?.current ?? opener.current;
      opener.current = null;
      if (target instanceof HTMLElement && target.isConnected && target !== document.body) {
        event.preventDefault();
        target.focus({ preventScroll: true });
      }
    },
  };
}
