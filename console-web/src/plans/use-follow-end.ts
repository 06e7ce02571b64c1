import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

/** So near to the end counts as at the end. */
const nearPx = 60;

function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let parent: HTMLElement | null = element; parent !== null; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) {
      return parent;
    }
  }
  return null;
}

/** Keeps the end of what grows in sight, unless the reader went elsewhere. `grown` changes when it grew. */
export function useFollowEnd(content: RefObject<HTMLElement | null>, growing: boolean, grown: unknown): void {
  const follows = useRef(true);
  useEffect(() => {
    const scroller = growing && content.current ? scrollerOf(content.current) : null;
    if (scroller === null) {
      return undefined;
    }
    follows.current = true;
    const onScroll = () => {
      follows.current = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < nearPx;
    };
    scroller.addEventListener("scroll", onScroll, { passive: true });
    return () => scroller.removeEventListener("scroll", onScroll);
  }, [content, growing]);
  useLayoutEffect(() => {
    const scroller = growing && follows.current && content.current ? scrollerOf(content.current) : null;
    scroller?.scrollTo({ top: scroller.scrollHeight });
  }, [content, growing, grown]);
}
