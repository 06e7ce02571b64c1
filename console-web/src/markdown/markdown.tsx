import { type MouseEvent, memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "../ui/copy-text";
import { type Block, type Blocks, cutBlocks, noBlocks } from "./blocks";
import "./markdown.css";
import { createMarkdownRenderer } from "./render-markdown";

/** A text as Markdown. While it grows, only its last block is rendered again. */
export function Markdown({ text, complete }: { readonly text: string; readonly complete: boolean }) {
  const { t } = useTranslation();
  const renderer = useMemo(
    () => createMarkdownRenderer({ copyCode: t("message.copyCode"), image: (label) => t("message.image", { text: label }) }),
    [t],
  );
  // Only a cache: what is shown is the same with or without it.
  const [cache] = useState<{ former: Blocks }>(() => ({ former: noBlocks }));
  const blocks = useMemo(() => {
    // oxlint-disable-next-line react/immutability
    cache.former = cutBlocks(cache.former, text, complete, renderer);
    return cache.former.blocks;
  }, [cache, text, complete, renderer]);

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const button = (event.target as Element).closest("[data-copy]");
    const code = button?.closest(".code-block")?.querySelector("code")?.textContent;
    if (button instanceof HTMLButtonElement && typeof code === "string") {
      void copyCode(button, code, t("message.copyCode"), t("message.copied"));
    }
  };

  return (
    // The handler serves the copy buttons inside, which are buttons of their own.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <div className="markdown" onClick={onClick}>
      {blocks.map((block, index) => (
        // Blocks only ever grow at the end, so the place is the identity.
        // oxlint-disable-next-line react/no-array-index-key
        <MarkdownBlock key={index} block={block} />
      ))}
    </div>
  );
}

const MarkdownBlock = memo(function MarkdownBlock({ block }: { readonly block: Block }) {
  // The HTML was sanitised in the last step of rendering, and holds no more
  // than what render-markdown.ts lists.
  // oxlint-disable-next-line react/no-danger
  return <div className="markdown-block" dangerouslySetInnerHTML={{ __html: block.html }} />;
});

async function copyCode(button: HTMLButtonElement, code: string, label: string, copied: string): Promise<void> {
  if (!(await copyText(code))) {
    return;
  }
  button.textContent = copied;
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
}
