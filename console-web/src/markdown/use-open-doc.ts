import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import type { DocTarget } from "./doc-target";

/** Goes to a page of the documentation. */
export function useOpenDoc(): (target: DocTarget) => void {
  const router = useRouter({ warn: false });
  return useCallback(
    ({ page, anchor }) =>
      void router.navigate({ to: "/docs/$page", params: { page }, ...(anchor === "" ? {} : { hash: anchor }) }),
    [router],
  );
}
