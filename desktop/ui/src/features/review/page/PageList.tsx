/** The pages of the record, one below the other. Only what is near is in the document, and of that at most five images. */
import { useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type PointerEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BBox, PageInfo, PageWords, UnusedLine } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { rangeOf, turned, unturned, type WordAt, wordNear } from "../model/geometry";
import type { Mark } from "../model/statements";
import type { ReviewSearch } from "../search";
import { useLatest } from "../useLatest";
import { useSize } from "../useSize";
import classes from "./PageList.module.css";
import { type Hit, Sheet } from "./Sheet";
import { shownSize, turnOf } from "./scale";

const gap = 16;
const mostImages = 5;
/** Where on the page side one reads: lit words come to rest here. */
const readingLine = 1 / 3;
/** Lit words above this share of the page side need no scrolling below the head of their page. */
const inSight = 0.62;

/** Words chosen on a page. */
export interface ChosenWords {
  page: number;
  anchor: WordAt;
  focus: WordAt;
  /** Begun with keys: the arrows then move it. */
  byKeys: boolean;
}

/** A place to show. A new key scrolls there; null only follows the page. */
export interface Target {
  key: string;
  page: number;
  box: BBox | null;
}

interface Props {
  record: string;
  pages: PageInfo[];
  place: ReviewSearch;
  target: Target | null;
  onPage: (page: number) => void;
  lit: Map<number, BBox[]>;
  hits: Map<number, Hit[]>;
  marks: Map<number, Mark[]>;
  unused: Map<number, UnusedLine[]>;
  statement: string | null;
  /** First pages of quotes that go on on the next page. */
  threads: Set<number>;
  chosen: ChosenWords | null;
  onChoose: (words: ChosenWords | null, done: boolean) => void;
  onMark: (mark: Mark) => void;
  onScale: (percent: number) => void;
  /** What floats beside the chosen words. */
  popover: (anchor: DOMRect, side: HTMLElement) => ReactNode;
}

const none: never[] = [];

export function PageList(props: Props) {
  const { record, pages, place, target, onPage, lit, hits, marks, unused, statement, threads, chosen } = props;
  const { t } = useTranslation();
  const cache = useQueryClient();
  const desk = useRef<HTMLElement>(null);
  const room = useSize(desk);
  const side = room.width > 560 ? 36 : 32;
  const { zoom, turn } = place;
  const sizes = useMemo(
    () => pages.map((page, index) => shownSize(page, turnOf({ turn }, index + 1), zoom, room.width - side)),
    [pages, turn, zoom, room.width, side],
  );
  // The last page can be brought to the reading line as well.
  const paddingEnd = Math.max(gap, room.height * (1 - readingLine) - (sizes.at(-1)?.height ?? 0));
  // Our own sums: the virtual list learns of new sizes one frame later than a scroll to a place can wait.
  const starts = useMemo(() => {
    let start = gap;
    return sizes.map((size) => {
      const own = start;
      start += size.height + gap;
      return own;
    });
  }, [sizes]);
  const total = (starts.at(-1) ?? 0) + (sizes.at(-1)?.height ?? 0) + paddingEnd;
  const rows = useVirtualizer({
    count: pages.length,
    getScrollElement: () => desk.current,
    estimateSize: (index) => sizes[index]?.height ?? 0,
    gap,
    paddingStart: gap,
    paddingEnd,
    overscan: 1,
    useFlushSync: false,
  });

  const current = Math.min(pages.length, place.page ?? 1);
  const reported = useRef<number | null>(null);
  const shownTarget = useRef<string | null>(null);
  const shownTurn = useRef<{ page: number; turn: number }>({ page: 0, turn: 0 });
  /** What of the page stands at the reading line, to hold it there while the scale changes. */
  const held = useRef<{ index: number; share: number } | null>(null);

  const startOf = (index: number): number => starts[index] ?? gap;

  // A new scale: the same words stay at the reading line.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another size moves anything
  useLayoutEffect(() => {
    rows.measure();
    const element = desk.current;
    const at = held.current;
    const size = at ? sizes[at.index] : undefined;
    if (!element || !at || !size) return;
    element.scrollTop = startOf(at.index) + at.share * size.height - element.clientHeight * readingLine;
  }, [sizes]);

  const showPlace = (page: number, box: BBox | null) => {
    const element = desk.current;
    const info = pages[page - 1];
    const size = sizes[page - 1];
    if (!element || !info || !size) return;
    const start = startOf(page - 1);
    let top = start - gap;
    if (box) {
      const u = (box.x0 + box.x1) / 2 / info.width;
      const v = (box.y0 + box.y1) / 2 / info.height;
      const seen = turned(u, v, turnOf(place, page));
      const y = seen.v * size.height;
      if (y + gap > element.clientHeight * inSight) top = start + y - element.clientHeight * readingLine;
      // A page wider than its side: the words come to the middle, or begin at the left if they are wider themselves.
      const left = turned(box.x0 / info.width, v, turnOf(place, page)).u * size.width + gap;
      const middle = seen.u * size.width + gap - element.clientWidth / 2;
      if (size.width > element.clientWidth) element.scrollLeft = Math.min(middle, left - gap);
    }
    reported.current = page;
    element.scrollTop = top;
    hold();
  };

  useLayoutEffect(() => {
    if (room.height === 0) return;
    const turnedNow = turnOf(place, current);
    const turning = shownTurn.current.page === current && shownTurn.current.turn !== turnedNow;
    shownTurn.current = { page: current, turn: turnedNow };
    if (turning) {
      showPlace(current, target?.page === current ? target.box : null);
    } else if (target && target.key !== shownTarget.current) {
      shownTarget.current = target.key;
      showPlace(target.page, target.box);
    } else if (current !== reported.current) {
      showPlace(current, null);
    }
    if (!target) shownTarget.current = null;
  });

  function hold() {
    const element = desk.current;
    if (!element) return;
    const line = element.scrollTop + element.clientHeight * readingLine;
    const after = starts.findIndex((start) => start > line);
    const index = Math.max(0, (after < 0 ? starts.length : after) - 1);
    const size = sizes[index];
    if (size) held.current = { index, share: (line - startOf(index)) / size.height };
  }

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onScroll = useLatest(() => {
    hold();
    clearTimeout(timer.current);
    // The address follows once the hand rests: it is for coming back, not for every step of a wheel.
    timer.current = setTimeout(() => {
      const page = held.current ? held.current.index + 1 : 1;
      if (page === reported.current) return;
      reported.current = page;
      onPage(page);
    }, 90);
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const percent = Math.round((sizes[current - 1]?.scale ?? 1) * 100);
  const { onScale } = props;
  useEffect(() => onScale(percent), [percent, onScale]);

  // Choosing words: from the word pressed on to the word pointed at.
  const drag = useRef<{ page: number; anchor: WordAt; moved: boolean } | null>(null);
  const wordAt = (event: PointerEvent, page: number): WordAt | null => {
    const slot = desk.current?.querySelector(`[data-page="${page}"]`);
    const words = cache.getQueryData<PageWords>(queryKeys.pageWords(record, page));
    if (!slot || !words) return null;
    const rect = slot.getBoundingClientRect();
    const u = (event.clientX - rect.left) / rect.width;
    const v = (event.clientY - rect.top) / rect.height;
    const at = unturned(u, v, turnOf(place, page));
    return wordNear(words, at.u * words.width, at.v * words.height);
  };
  const pageUnder = (event: PointerEvent): number | null => {
    const slot = (event.target as Element).closest?.("[data-page]");
    return slot ? Number(slot.getAttribute("data-page")) : null;
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest("button, [data-popover]")) return;
    const grip = (event.target as Element).closest("[data-grip]")?.getAttribute("data-grip");
    if (grip && chosen) {
      const range = rangeOf(chosen.page, chosen.anchor, chosen.focus);
      drag.current = { page: chosen.page, anchor: grip === "first" ? range.last : range.first, moved: true };
      desk.current?.setPointerCapture?.(event.pointerId);
      return;
    }
    const page = pageUnder(event);
    const at = page === null ? null : wordAt(event, page);
    if (page === null || !at) {
      props.onChoose(null, true);
      return;
    }
    drag.current = { page, anchor: at, moved: false };
    desk.current?.setPointerCapture?.(event.pointerId);
    props.onChoose({ page, anchor: at, focus: at, byKeys: false }, false);
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current;
    if (!from) return;
    const at = wordAt(event, from.page);
    if (at) props.onChoose({ page: from.page, anchor: from.anchor, focus: at, byKeys: false }, false);
  };
  const onPointerUp = () => {
    if (!drag.current) return;
    drag.current = null;
    if (chosen) props.onChoose(chosen, true);
  };

  const items = rows.getVirtualItems();
  const middle = (rows.scrollOffset ?? 0) + room.height / 2;
  const near = new Set(
    items
      .map((item) => ({ index: item.index, distance: Math.abs((item.start + item.end) / 2 - middle) }))
      .toSorted((a, b) => a.distance - b.distance)
      .slice(0, mostImages)
      .map((item) => item.index),
  );
  const range = chosen && rangeOf(chosen.page, chosen.anchor, chosen.focus);

  return (
    <section
      ref={desk}
      className={classes.desk}
      aria-label={t("review.page_side")}
      onScroll={onScroll}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      data-desk
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable without a mouse
      tabIndex={0}
    >
      <div className={classes.roll} style={{ height: total }}>
        {items.map((item) => {
          const page = pages[item.index];
          const size = sizes[item.index];
          const number = item.index + 1;
          if (!page || !size) return null;
          const thread = threads.has(number) ? "below" : threads.has(number - 1) ? "above" : null;
          return (
            <div key={item.key} className={classes.row} style={{ transform: `translateY(${item.start}px)` }}>
              <Sheet
                record={record}
                number={number}
                page={page}
                size={size}
                turn={turnOf(place, number)}
                near={near.has(item.index)}
                lit={lit.get(number) ?? none}
                hits={hits.get(number) ?? none}
                marks={marks.get(number) ?? none}
                statement={statement}
                unused={unused.get(number) ?? none}
                chosen={range?.page === number ? range : null}
                onMark={props.onMark}
                thread={thread}
              />
            </div>
          );
        })}
      </div>
      {chosen && !drag.current && (
        <Beside page={chosen.page} chosen={chosen} desk={desk} popover={props.popover} scale={percent} />
      )}
    </section>
  );
}

/** Measures the chosen words once they are drawn, in the coordinates of what scrolls. */
function Beside({
  page,
  chosen,
  desk,
  popover,
  scale,
}: {
  page: number;
  chosen: ChosenWords;
  desk: React.RefObject<HTMLElement | null>;
  popover: Props["popover"];
  scale: number;
}) {
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words and another scale lie elsewhere
  useLayoutEffect(() => {
    const element = desk.current;
    const strips = element?.querySelectorAll(`[data-paper="${page}"] [data-grip]`);
    if (!element || !strips || strips.length === 0) return;
    const origin = element.getBoundingClientRect();
    const boxes = [...strips].map((grip) => (grip.parentElement ?? grip).getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left)) - origin.left + element.scrollLeft;
    const right = Math.max(...boxes.map((box) => box.right)) - origin.left + element.scrollLeft;
    const top = Math.min(...boxes.map((box) => box.top)) - origin.top + element.scrollTop;
    const bottom = Math.max(...boxes.map((box) => box.bottom)) - origin.top + element.scrollTop;
    setAnchor(new DOMRect(left, top, right - left, bottom - top));
  }, [page, chosen, desk, scale]);
  const element = desk.current;
  return anchor && element ? popover(anchor, element) : null;
}
