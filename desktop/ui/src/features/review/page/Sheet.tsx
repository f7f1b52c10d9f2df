/** One page: its image, and over it what is lit, chosen, found, doubtful and not understood. */
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBackend, useBackendQueries } from "@/backend/context";
import type { BBox, PageInfo, PageWords, UnusedLine, WordRange } from "@/backend/contract";
import { bandOf, bandOfWords, bandStyle, boxKey, isWithin, wordsIn } from "../model/geometry";
import { type Mark, weakBelow } from "../model/statements";
import type { Turn } from "../search";
import classes from "./Sheet.module.css";
import { imagePixels, type ShownSize } from "./scale";

export interface Hit {
  boxes: BBox[];
  now: boolean;
}

interface Props {
  record: string;
  /** Number in the record, from 1. */
  number: number;
  page: PageInfo;
  size: ShownSize;
  turn: Turn | 0;
  /** Whether its image is mounted. */
  near: boolean;
  lit: BBox[];
  hits: Hit[];
  marks: Mark[];
  /** The chosen statement, whose marks are yellow. */
  statement: string | null;
  unused: UnusedLine[];
  chosen: WordRange | null;
  onMark: (mark: Mark) => void;
  /** A quote that goes on on the next page. */
  thread: "below" | "above" | null;
}

function ChosenWords({ range, words, page }: { range: WordRange; words: PageWords; page: PageInfo }) {
  const parts = wordsIn(range, words);
  return parts.map(({ line, words: own }, index) => {
    const band = bandOfWords(own, line, page);
    return (
      <span key={own[0]?.bbox.y0 ?? index} className={classes.chosen} style={bandStyle(band)}>
        {index === 0 && <span className={classes.grip} data-grip="first" />}
        {index === parts.length - 1 && <span className={classes.grip} data-grip="last" />}
      </span>
    );
  });
}

/** The word list is needed for the slope of lines, for badly read words and for choosing. */
const Overlay = memo(function Overlay({
  record,
  number,
  page,
  lit,
  hits,
  unused,
  chosen,
}: Pick<Props, "record" | "number" | "page" | "lit" | "hits" | "unused" | "chosen">) {
  const { t } = useTranslation();
  const { data: words } = useQuery(useBackendQueries().pageWords(record, number));
  // A line that was not understood is marked as a whole.
  const weak = (words?.lines ?? [])
    .filter((line) => !unused.some(({ bbox }) => line.words.every((word) => isWithin(word.bbox, bbox))))
    .flatMap((line) => line.words.filter((word) => word.confidence < weakBelow).map((word) => ({ word, line })));
  return (
    <>
      {lit.map((box) => (
        <span
          key={boxKey(box)}
          className={clsx(classes.lit, classes.now)}
          data-lit
          style={bandStyle(bandOf(box, page, words))}
        />
      ))}
      {hits.flatMap((hit) =>
        hit.boxes.map((box) => (
          <span
            key={boxKey(box)}
            className={clsx(classes.lit, hit.now && classes.now)}
            data-hit
            style={bandStyle(bandOf(box, page, words))}
          />
        )),
      )}
      {weak.map(({ word, line }) => (
        <span key={boxKey(word.bbox)} className={classes.weak} style={bandStyle(bandOfWords([word], line, page))} />
      ))}
      {unused.map((line) => (
        <span
          key={boxKey(line.bbox)}
          className={classes.unused}
          title={t(`review.unused.${line.reason}`)}
          style={bandStyle(bandOf(line.bbox, page))}
        />
      ))}
      {chosen && words && <ChosenWords range={chosen} words={words} page={page} />}
    </>
  );
});

function Image({ page, number, width, turn }: { page: PageInfo; number: number; width: number; turn: Turn | 0 }) {
  const { t } = useTranslation();
  const backend = useBackend();
  const [failed, setFailed] = useState(false);
  const pixels = imagePixels(width, window.devicePixelRatio);
  if (failed || page.state === "failed") return <p className={classes.failed}>{t("review.page_failed")}</p>;
  return (
    <img
      className={classes.image}
      src={backend.pageImage(page.document, page.number, pixels)}
      alt={t("review.page_image", { page: String(number) })}
      data-page-image={number}
      data-turn={turn}
      decoding="async"
      draggable={false}
      onError={() => setFailed(true)}
    />
  );
}

export const Sheet = memo(function Sheet(props: Props) {
  const { number, page, size, turn, near, marks, statement, unused, onMark, thread } = props;
  const { t } = useTranslation();
  const flat = { width: page.width * size.scale, height: page.height * size.scale };
  const tick = (box: BBox) => ({ top: `${((box.y0 + box.y1) / 2 / page.height) * 100}%` });
  return (
    <div className={classes.slot} style={{ width: size.width, height: size.height }} data-page={number}>
      <div
        className={classes.paper}
        data-paper={number}
        style={{ ...flat, transform: `translate(-50%, -50%) rotate(${turn}deg)` }}
      >
        {near && <Image page={page} number={number} width={flat.width} turn={turn} />}
        {near && <Overlay {...props} />}
      </div>
      {turn === 0 && (
        <div className={classes.rail}>
          {marks.map((mark) => {
            const on = statement !== null && mark.statements.includes(statement);
            return (
              <button
                key={mark.box.y0}
                type="button"
                tabIndex={-1}
                className={clsx(classes.tick, on && classes.tickOn)}
                style={tick(mark.box)}
                aria-label={t("review.resting", { count: mark.statements.length })}
                title={t("review.resting", { count: mark.statements.length })}
                onClick={() => onMark(mark)}
              />
            );
          })}
          {unused.map((line) => (
            <span
              key={line.bbox.y0}
              className={clsx(classes.tick, classes.tickNone)}
              style={tick(line.bbox)}
              title={t(`review.unused.${line.reason}`)}
            />
          ))}
          {thread && (
            <span
              className={classes.thread}
              data-thread={thread}
              style={
                thread === "below"
                  ? { top: tick(props.lit.at(-1) ?? { x0: 0, y0: 0, x1: 0, y1: 0 }).top, bottom: "-1rem" }
                  : { top: 0, height: tick(props.lit[0] ?? { x0: 0, y0: 0, x1: 0, y1: 0 }).top }
              }
            />
          )}
        </div>
      )}
    </div>
  );
});
