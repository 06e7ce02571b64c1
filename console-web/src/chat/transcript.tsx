import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Transcript as TranscriptData } from "../conversation/use-earlier-pages";
import { failureText } from "../ui/failure-text";
import { EditMessage } from "./edit-message";
import { MessageArticle } from "./message-article";

interface TranscriptProps {
  readonly conversationId: string;
  readonly transcript: TranscriptData;
  readonly latestTurnId: string | undefined;
  /** Sequence of a message to show first. */
  readonly at: number | undefined;
  readonly editing: string | undefined;
  readonly onEdit: (messageId: string | undefined) => void;
  readonly onMakeTask: (text: string) => void;
  readonly blocked: boolean;
  /** Undefined while no reply can be asked for anew. */
  readonly onRegenerate: ((turnId: string) => void) | undefined;
}

/** So near to the end, the reader follows what is written. */
const followWithin = 64;
/** So near to the beginning, the page before is fetched. */
const fetchWithin = 400;

export function Transcript(props: TranscriptProps) {
  const { transcript, latestTurnId, at, editing, onEdit, onMakeTask, onRegenerate } = props;
  const { t } = useTranslation();
  const { items, turns, hasEarlier, loading, failure, loadEarlier } = transcript;
  const frame = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 140,
    getItemKey: (index) => items[index]?.messageId ?? index,
    overscan: 6,
    paddingStart: 16,
    paddingEnd: 16,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: followWithin,
  });

  const begun = useRef(false);
  useLayoutEffect(() => {
    if (!begun.current && items.length > 0) {
      begun.current = true;
      if (at === undefined) {
        virtualizer.scrollToEnd();
      }
    }
  }, [items.length, at, virtualizer]);

  useShowMessage(at, transcript, (index) => virtualizer.scrollToIndex(index, { align: "center" }));

  // The form is taller than the message was; all of it has to be in sight.
  useEffect(() => {
    if (editing === undefined) {
      return undefined;
    }
    const index = items.findIndex((item) => item.messageId === editing);
    const frameId = requestAnimationFrame(() => virtualizer.scrollToIndex(index, { align: "center" }));
    return () => cancelAnimationFrame(frameId);
    // Only when it opens: what arrives meanwhile must not move it.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [editing]);

  // One's own message is always followed, wherever one was reading.
  const last = items.at(-1)?.messageId;
  const lastTurn = useRef(latestTurnId);
  useEffect(() => {
    if (lastTurn.current !== latestTurnId) {
      lastTurn.current = latestTurnId;
      virtualizer.scrollToEnd();
    }
  }, [latestTurnId, last, virtualizer]);

  // Whoever reads the end keeps reading it when the frame grows or shrinks.
  const follows = useRef(true);
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (follows.current) {
        virtualizer.scrollToEnd();
      }
    });
    if (frame.current !== null) {
      observer.observe(frame.current);
    }
    return () => observer.disconnect();
  }, [virtualizer]);

  // What has the focus is about to go away: the button of a reply, or the form
  // of an edit. The focus stays in the transcript instead of falling to the page.
  const keepFocus = () => frame.current?.focus({ preventScroll: true });
  const regenerate =
    onRegenerate &&
    ((turnId: string) => {
      keepFocus();
      onRegenerate(turnId);
    });
  const closeEdit = () => {
    keepFocus();
    onEdit(undefined);
  };

  const onScroll = () => {
    if (frame.current === null) {
      return;
    }
    const { scrollHeight, scrollTop, clientHeight } = frame.current;
    const end = scrollHeight - scrollTop - clientHeight <= followWithin;
    follows.current = end;
    setAtEnd(end);
    if (scrollTop < fetchWithin && failure === undefined) {
      loadEarlier();
    }
  };

  return (
    <div className="transcript-frame">
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={frame} className="transcript" role="log" aria-live="off" aria-label={t("chat.transcript")} tabIndex={0} onScroll={onScroll}>
        <div className="transcript-top">
          {hasEarlier && !loading && failure === undefined && (
            <button type="button" className="button button-small" onClick={loadEarlier}>
              {t("chat.earlier")}
            </button>
          )}
          {loading && <span className="soft small">{t("chat.loadingEarlier")}</span>}
          {failure && (
            <span className="inline-failure" role="alert">
              {t("chat.earlierFailed")} {failureText(t, failure)}{" "}
              <button type="button" className="button button-small" onClick={loadEarlier}>
                {t("error.retry")}
              </button>
            </span>
          )}
          {!hasEarlier && <span className="soft small">{items.length === 0 ? t("chat.empty") : t("chat.begin")}</span>}
        </div>
        <div className="transcript-rows" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((row) => {
            const item = items[row.index];
            if (item === undefined) {
              return null;
            }
            const turn = turns.get(item.turnId);
            return (
              <div
                key={row.key}
                ref={virtualizer.measureElement}
                data-index={row.index}
                className="transcript-row"
                style={{ transform: `translateY(${row.start}px)` }}
              >
                {editing === item.messageId ? (
                  <EditMessage conversationId={props.conversationId} item={item} blocked={props.blocked} onClose={closeEdit} />
                ) : (
                  <MessageArticle
                    item={item}
                    turn={turn}
                    marked={at !== undefined && item.sequence === BigInt(at)}
                    onEdit={onEdit}
                    onMakeTask={onMakeTask}
                    onRegenerate={turn && turn.turnId === latestTurnId ? regenerate : undefined}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="button button-small jump" onClick={() => virtualizer.scrollToEnd()}>
          <ArrowDown aria-hidden="true" size={14} /> {t("chat.jump")}
        </button>
      )}
    </div>
  );
}

/** Loads pages until the message with sequence `at` is there, then shows it, once. */
function useShowMessage(at: number | undefined, transcript: TranscriptData, show: (index: number) => void): void {
  const shown = useRef<number>(undefined);
  const { items, hasEarlier, loading, failure, loadEarlier } = transcript;
  useEffect(() => {
    if (at === undefined || shown.current === at || items.length === 0) {
      return;
    }
    const wanted = BigInt(at);
    const first = items[0]?.sequence ?? 0n;
    if (first > wanted && hasEarlier) {
      if (!loading && failure === undefined) {
        loadEarlier();
      }
      return;
    }
    shown.current = at;
    const index = items.findIndex((item) => item.sequence >= wanted);
    show(index === -1 ? items.length - 1 : index);
  }, [at, items, hasEarlier, loading, failure, loadEarlier, show]);
}
