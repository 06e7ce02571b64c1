import morphdom from "morphdom";
import { type MouseEvent, Suspense, lazy, memo, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { copyText } from "../ui/copy-text";
import { type Block, type Blocks, cutBlocks, noBlocks } from "./blocks";
import { docFromPath } from "./doc-target";
import "./markdown.css";
import type { MarkdownOptions, MarkdownRenderer } from "./render-markdown";
import { useMarkdownRenderer } from "./use-markdown-renderer";
import { useOpenDoc } from "./use-open-doc";

const LinkDialog = lazy(async () => ({ default: (await import("./link-dialog")).LinkDialog }));

interface MarkdownProps {
  readonly text: string;
  readonly complete: boolean;
  readonly docs?: MarkdownOptions["docs"] | undefined;
}

/** A text as Markdown. While it grows, only its last block is rendered again. */
export function Markdown({ text, complete, docs }: MarkdownProps) {
  const { t } = useTranslation();
  const renderer = useMarkdownRenderer(text, docs);
  const openDoc = useOpenDoc();
  // Only a cache: what is shown is the same with or without it.
  const [cache] = useState<{ former: Blocks; renderer: MarkdownRenderer | undefined }>(() => ({
    former: noBlocks,
    renderer: undefined,
  }));
  const blocks = useMemo(() => {
    const former = cache.renderer === renderer ? cache.former : noBlocks;
    // oxlint-disable-next-line react/immutability
    Object.assign(cache, { former: cutBlocks(former, text, complete, renderer), renderer });
    return cache.former.blocks;
  }, [cache, text, complete, renderer]);
  const [asked, setAsked] = useState<HTMLAnchorElement>();
  const [copied, setCopied] = useState(false);

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const target = event.target as Element;
    const button = target.closest("[data-copy]");
    const code = button?.closest(".code-block")?.querySelector("code")?.textContent;
    if (button instanceof HTMLButtonElement && typeof code === "string") {
      void copyCode(button, code, t("message.copyCode"), t("message.copied"), setCopied);
      return;
    }
    const link = target.closest("a[href]");
    if (!(link instanceof HTMLAnchorElement)) {
      return;
    }
    const doc = docFromPath(link.getAttribute("href") ?? "");
    if (doc === undefined) {
      // Whatever key is held: nothing that somebody else wrote opens unasked.
      event.preventDefault();
      setAsked(link);
    } else if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openDoc(doc);
    }
  };

  return (
    <>
      {/* The handler serves buttons and links inside, which take the keyboard themselves. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div className="markdown" onClick={onClick} onAuxClick={onClick}>
        {blocks.map((block, index) => (
          // Blocks only ever grow at the end, so the place is the identity.
          // oxlint-disable-next-line react/no-array-index-key
          <MarkdownBlock key={index} block={block} />
        ))}
      </div>
      {copied && (
        <span className="visually-hidden" role="status">
          {t("message.copied")}
        </span>
      )}
      {asked && (
        <Suspense fallback={null}>
          <LinkDialog href={asked.href} link={asked} onClose={() => setAsked(undefined)} />
        </Suspense>
      )}
    </>
  );
}

/**
 * Shows the HTML of a block. It was sanitised in the last step of rendering and
 * holds no more than what render-markdown.ts lists. A block that changes is
 * changed where it differs, so that a selection, the place within a wide table
 * and a button under the pointer outlive the next word.
 */
const MarkdownBlock = memo(function MarkdownBlock({ block }: { readonly block: Block }) {
  const element = useRef<HTMLDivElement>(null);
  const [first] = useState(block.html);
  const shown = useRef(first);
  useLayoutEffect(() => {
    if (element.current !== null && shown.current !== block.html) {
      shown.current = block.html;
      morphdom(element.current, `<div>${block.html}</div>`, {
        childrenOnly: true,
        // It says for a moment that the code was copied.
        onBeforeElUpdated: (from) => !from.classList.contains("code-copied"),
      });
    }
  }, [block.html]);
  const initial = useMemo(() => ({ __html: first }), [first]);
  // oxlint-disable-next-line react/no-danger
  return <div ref={element} className="markdown-block" dangerouslySetInnerHTML={initial} />;
});

async function copyCode(
  button: HTMLButtonElement,
  code: string,
  label: string,
  copied: string,
  onCopied: (copied: boolean) => void,
): Promise<void> {
  if (!(await copyText(code))) {
    return;
  }
  button.textContent = copied;
  button.classList.add("code-copied");
  onCopied(true);
  setTimeout(() => {
    button.textContent = label;
    button.classList.remove("code-copied");
    onCopied(false);
  }, 1500);
}
