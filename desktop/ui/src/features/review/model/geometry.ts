/** From boxes in points to bands in percent of the page, so that they hold at any zoom. */
import type { BBox, Line, PageWords, Word, WordRange } from "@/backend/contract";
import type { Turn } from "../search";

/** A strip over words: percent of the page's width and height, turned about its left end. */
export interface Band {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Degrees, as the line lies on the page. */
  angle: number;
}

interface Size {
  width: number;
  height: number;
}

/** Points of air above and below the letters. */
const air = 1;

const middleX = (box: BBox) => (box.x0 + box.x1) / 2;
const middleY = (box: BBox) => (box.y0 + box.y1) / 2;

/** Tells boxes of a page apart. */
export const boxKey = ({ x0, y0, x1, y1 }: BBox) => `${x0} ${y0} ${x1} ${y1}`;

export const isWithin = (inner: BBox, outer: BBox) =>
  inner.x0 >= outer.x0 && inner.x1 <= outer.x1 && inner.y0 >= outer.y0 && inner.y1 <= outer.y1;

/** How much a line falls per point to the right: the least squares through the middles of its words. */
function slopeOf(words: readonly Word[]): number {
  if (words.length < 2) return 0;
  const meanX = words.reduce((sum, { bbox }) => sum + middleX(bbox), 0) / words.length;
  const meanY = words.reduce((sum, { bbox }) => sum + middleY(bbox), 0) / words.length;
  let over = 0;
  let under = 0;
  for (const { bbox } of words) {
    over += (middleX(bbox) - meanX) * (middleY(bbox) - meanY);
    under += (middleX(bbox) - meanX) ** 2;
  }
  // Words of one line never climb more than this; more is a misread line.
  return under === 0 ? 0 : Math.max(-0.2, Math.min(0.2, over / under));
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The strip over some words of a line. */
export function bandOfWords(words: readonly Word[], line: Line, page: Size): Band {
  const slope = slopeOf(line.words);
  const left = Math.min(...words.map(({ bbox }) => bbox.x0));
  const right = Math.max(...words.map(({ bbox }) => bbox.x1));
  const height = median(words.map(({ bbox }) => bbox.y1 - bbox.y0)) + 2 * air;
  const start = words.reduce((sum, { bbox }) => sum + middleY(bbox) - slope * (middleX(bbox) - left), 0) / words.length;
  return {
    left: ((left - air) / page.width) * 100,
    top: ((start - height / 2) / page.height) * 100,
    width: (((right - left) * Math.hypot(1, slope) + 2 * air) / page.width) * 100,
    height: (height / page.height) * 100,
    angle: (Math.atan(slope) * 180) / Math.PI,
  };
}

/** The strip of a box of the wire. With the words at hand it follows their line; without them it lies straight. */
export function bandOf(box: BBox, page: Size, words?: PageWords): Band {
  const inside = (word: Word) => {
    const x = middleX(word.bbox);
    const y = middleY(word.bbox);
    return x >= box.x0 - 1 && x <= box.x1 + 1 && y >= box.y0 - 1 && y <= box.y1 + 1;
  };
  let best: { line: Line; words: Word[] } | null = null;
  for (const line of words?.lines ?? []) {
    const hit = line.words.filter(inside);
    if (hit.length > (best?.words.length ?? 0)) best = { line, words: hit };
  }
  if (best) return bandOfWords(best.words, best.line, page);
  return {
    left: (box.x0 / page.width) * 100,
    top: (box.y0 / page.height) * 100,
    width: ((box.x1 - box.x0) / page.width) * 100,
    height: ((box.y1 - box.y0) / page.height) * 100,
    angle: 0,
  };
}

/** As `style`: percent of the page it lies on. */
export const bandStyle = (band: Band) => ({
  left: `${band.left}%`,
  top: `${band.top}%`,
  width: `${band.width}%`,
  height: `${band.height}%`,
  transform: `rotate(${band.angle}deg)`,
});

export interface WordAt {
  line: number;
  word: number;
}

export const before = (a: WordAt, b: WordAt) => a.line < b.line || (a.line === b.line && a.word < b.word);

/** Two ends in reading order. */
export const rangeOf = (page: number, a: WordAt, b: WordAt): WordRange =>
  before(b, a) ? { page, first: b, last: a } : { page, first: a, last: b };

/** The words of a range, by line. */
export function wordsIn(range: WordRange, words: PageWords): { line: Line; words: Word[] }[] {
  const { first, last } = range;
  return words.lines
    .map((line, at) => ({
      line,
      words: line.words.filter((_, word) => !before({ line: at, word }, first) && !before(last, { line: at, word })),
    }))
    .filter((part) => part.words.length > 0);
}

export const textOf = (range: WordRange, words: PageWords): string =>
  wordsIn(range, words)
    .flatMap((part) => part.words.map((word) => word.text))
    .join(" ");

/** The word at a point of the page, or the nearest one of the nearest line; null far from any. */
export function wordNear(words: PageWords, x: number, y: number, reach = 18): WordAt | null {
  let best: { at: WordAt; distance: number } | null = null;
  words.lines.forEach((line, at) => {
    line.words.forEach(({ bbox }, word) => {
      const dx = Math.max(bbox.x0 - x, 0, x - bbox.x1);
      const dy = Math.max(bbox.y0 - y, 0, y - bbox.y1);
      const distance = Math.hypot(dx, dy * 2);
      if (!best || distance < best.distance) best = { at: { line: at, word }, distance };
    });
  });
  const found = best as { at: WordAt; distance: number } | null;
  return found && found.distance <= reach ? found.at : null;
}

/** One word on, or a line up or down; the ends hold. */
export function moveWord(words: PageWords, from: WordAt, key: "left" | "right" | "up" | "down"): WordAt {
  const line = words.lines[from.line];
  if (!line) return from;
  if (key === "right") {
    if (from.word + 1 < line.words.length) return { line: from.line, word: from.word + 1 };
    return words.lines[from.line + 1]?.words.length ? { line: from.line + 1, word: 0 } : from;
  }
  if (key === "left") {
    if (from.word > 0) return { line: from.line, word: from.word - 1 };
    const above = words.lines[from.line - 1];
    return above?.words.length ? { line: from.line - 1, word: above.words.length - 1 } : from;
  }
  const next = words.lines[from.line + (key === "down" ? 1 : -1)];
  const here = line.words[from.word];
  if (!next?.words.length || !here) return from;
  const x = middleX(here.bbox);
  const distances = next.words.map(({ bbox }) => Math.max(bbox.x0 - x, 0, x - bbox.x1));
  return { line: from.line + (key === "down" ? 1 : -1), word: distances.indexOf(Math.min(...distances)) };
}

/** A point of the page as it is shown, as shares of its sides, on the page as it was read. */
export function unturned(u: number, v: number, turn: Turn | 0): { u: number; v: number } {
  switch (turn) {
    case 0:
      return { u, v };
    case 90:
      return { u: v, v: 1 - u };
    case 180:
      return { u: 1 - u, v: 1 - v };
    case 270:
      return { u: 1 - v, v: u };
  }
}

/** A point of the page as it was read, as shares of its sides, on the page as it is shown. */
export function turned(u: number, v: number, turn: Turn | 0): { u: number; v: number } {
  switch (turn) {
    case 0:
      return { u, v };
    case 90:
      return { u: 1 - v, v: u };
    case 180:
      return { u: 1 - u, v: 1 - v };
    case 270:
      return { u: v, v: 1 - u };
  }
}
