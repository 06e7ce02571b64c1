import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Highlight } from "./highlight";
import { useHighlight } from "./highlight";
import { type MarkdownOptions, type MarkdownRenderer, createMarkdownRenderer } from "./render-markdown";

interface Made {
  readonly language: string;
  readonly highlight: Highlight | undefined;
  readonly page: string | undefined;
  readonly renderer: MarkdownRenderer;
}

/** A transcript has hundreds of texts and few kinds of renderer. */
let made: readonly Made[] = [];

/** The renderer for a text, in the page's language. */
export function useMarkdownRenderer(text: string, docs: MarkdownOptions["docs"]): MarkdownRenderer {
  const { t, i18n } = useTranslation();
  const highlight = useHighlight(/```|~~~/.test(text));
  const page = typeof docs === "object" ? `/${docs.page}` : docs;
  const { language } = i18n;
  return useMemo(() => {
    const same = made.find((one) => one.language === language && one.highlight === highlight && one.page === page);
    if (same !== undefined) {
      return same.renderer;
    }
    const words = { copyCode: t("message.copyCode"), image: (label: string) => t("message.image", { text: label }) };
    const renderer = createMarkdownRenderer(words, { highlight, docs });
    made = [{ language, highlight, page, renderer }, ...made].slice(0, 6);
    return renderer;
    // `docs` is known by its page, `t` by its language.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [language, highlight, page]);
}
