import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import type { Command } from "../commands/command";
import { allPages, loadPage, summary } from "../docs/pages";

interface Page {
  readonly name: string;
  readonly title: string;
  readonly lead: string;
}

let loaded: Promise<readonly Page[]> | undefined;

/** The pages are part of this build, so they are read once. */
async function pages(): Promise<readonly Page[]> {
  loaded ??= Promise.all(allPages.map(async (name) => ({ name, ...summary((await loadPage(name)) ?? "") })));
  try {
    return await loaded;
  } catch {
    loaded = undefined;
    return [];
  }
}

/** A way to each page of the documentation. */
export function useDocCommands(): readonly Command[] {
  const navigate = useNavigate();
  const [known, setKnown] = useState<readonly Page[]>([]);
  useEffect(() => void pages().then(setKnown), []);
  return useMemo(
    () =>
      known.map(
        ({ name, title, lead }): Command => ({
          id: `documentation ${name}`,
          group: "documentation",
          title,
          words: lead,
          run: () => void navigate({ to: "/docs/$page", params: { page: name } }),
        }),
      ),
    [known, navigate],
  );
}
