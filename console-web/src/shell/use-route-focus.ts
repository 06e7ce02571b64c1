import { useRouter } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";

/**
 * After the way to another page the keyboard is there as well: at what the page
 * focuses itself, such as the composer, else at its heading.
 */
export function useRouteFocus(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ fromLocation, toLocation }) => {
        const place = main.current;
        if (place === null || fromLocation === undefined || fromLocation.pathname === toLocation.pathname) {
          return;
        }
        const holder = document.activeElement;
        if ((holder !== place && place.contains(holder)) || document.querySelector("[role='dialog'], [role='alertdialog']") !== null) {
          return;
        }
        const heading = place.querySelector<HTMLElement>("h1");
        heading?.setAttribute("tabindex", "-1");
        (heading ?? place).focus({ preventScroll: true });
      }),
    [router, main],
  );
}
