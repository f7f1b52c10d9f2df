/** Small pages beside the large one. */
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { memo, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useBackend } from "@/backend/context";
import type { BBox, PageInfo } from "@/backend/contract";
import { boxKey } from "../model/geometry";
import type { Hit } from "./Sheet";
import classes from "./Thumbs.module.css";

interface ThumbProps {
  page: PageInfo;
  number: number;
  open: boolean;
  bare: boolean;
  lit: BBox[];
  hits: Hit[] | null;
  onOpen: (page: number) => void;
}

const share = (value: number, all: number) => `${(value / all) * 100}%`;

const Thumb = memo(function Thumb({ page, number, open, bare, lit, hits, onOpen }: ThumbProps) {
  const { t } = useTranslation();
  const backend = useBackend();
  const pixels = Math.min(2, Math.max(1, window.devicePixelRatio)) * 64;
  const bars = [...lit, ...(hits ?? []).flatMap((hit) => hit.boxes)];
  const found = hits?.length ?? 0;
  return (
    <button
      type="button"
      className={clsx(classes.thumb, open && classes.open, bare && classes.bare, hits?.length === 0 && classes.none)}
      aria-label={[t("review.page_number", { page: String(number) }), found > 0 && t("review.hits", { count: found })]
        .filter(Boolean)
        .join(", ")}
      aria-current={open ? "page" : undefined}
      tabIndex={open ? 0 : -1}
      onClick={() => onOpen(number)}
    >
      <span className={classes.sheet} style={{ aspectRatio: `${page.width} / ${page.height}` }}>
        {page.state !== "blank" && page.state !== "failed" && (
          <img src={backend.pageImage(page.document, page.number, pixels)} alt="" decoding="async" loading="lazy" />
        )}
        {bars.map((box) => (
          <span
            key={boxKey(box)}
            className={hits ? classes.hit : classes.lit}
            style={{
              left: share(box.x0, page.width),
              width: share(box.x1 - box.x0, page.width),
              top: share(box.y0, page.height),
            }}
          />
        ))}
      </span>
      <span className={classes.number}>
        {number} {found > 0 && <span className={classes.count}>{found}</span>}
      </span>
    </button>
  );
});

interface Props {
  pages: PageInfo[];
  current: number;
  lit: Map<number, BBox[]>;
  /** Null: nothing is searched for. */
  hits: Map<number, Hit[]> | null;
  /** Pages that no statement rests on. */
  bare: Set<number>;
  /** Pages that belong together: both ends of a quote. */
  open: Set<number>;
  onOpen: (page: number) => void;
}

const none: never[] = [];
const rowHeight = 88;

export function Thumbs({ pages, current, lit, hits, bare, open, onOpen }: Props) {
  const { t } = useTranslation();
  const box = useRef<HTMLElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const rows = useVirtualizer({
    count: pages.length,
    getScrollElement: () => box.current,
    estimateSize: () => (rowHeight * rem) / 16,
    paddingStart: 8,
    paddingEnd: 8,
    overscan: 2,
    useFlushSync: false,
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // The neighbours are in sight as well: one sees where one is.
    const height = (rowHeight * rem) / 16;
    const top = (current - 2) * height;
    const bottom = (current + 1) * height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  }, [current, rem]);
  return (
    <nav ref={box} className={classes.thumbs} aria-label={t("review.pages")}>
      <div className={classes.roll} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const page = pages[item.index];
          const number = item.index + 1;
          if (!page) return null;
          return (
            <div key={item.key} className={classes.row} style={{ transform: `translateY(${item.start}px)` }}>
              <Thumb
                page={page}
                number={number}
                open={number === current || open.has(number)}
                bare={bare.has(number)}
                lit={hits ? none : (lit.get(number) ?? none)}
                hits={hits && (hits.get(number) ?? none)}
                onOpen={onOpen}
              />
            </div>
          );
        })}
      </div>
    </nav>
  );
}
