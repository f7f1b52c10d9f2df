/** How large a page is shown: to the width of its side, or in percent of points. */
import type { PageInfo } from "@/backend/contract";
import type { ReviewSearch, Turn } from "../search";

export const smallestZoom = 25;
export const largestZoom = 400;
const steps = [25, 33, 50, 67, 75, 90, 100, 110, 125, 150, 175, 200, 250, 300, 400];

/** The step after or before a zoom, which need not be a step itself. */
export function nextZoom(zoom: number, direction: 1 | -1): number {
  const next = direction > 0 ? steps.find((step) => step > zoom + 0.5) : steps.findLast((step) => step < zoom - 0.5);
  return next ?? (direction > 0 ? largestZoom : smallestZoom);
}

export const turnOf = (place: ReviewSearch, page: number): Turn | 0 => place.turn?.[page] ?? 0;

export interface ShownSize {
  width: number;
  height: number;
  /** CSS pixels per point. */
  scale: number;
}

/** The page as it is shown, in CSS pixels. */
export function shownSize(page: PageInfo, turn: Turn | 0, zoom: number | undefined, room: number): ShownSize {
  const sideways = turn === 90 || turn === 270;
  const width = sideways ? page.height : page.width;
  const height = sideways ? page.width : page.height;
  const scale = zoom === undefined ? Math.max(120, room) / width : zoom / 100;
  return { width: width * scale, height: height * scale, scale };
}

/** Widths are asked for in steps, so that a moving divider does not fetch at every pixel. */
const widthStep = 64;

/** How wide an image must be to be sharp at this width; a screen finer than two pixels a point gains nothing on text. */
export function imagePixels(width: number, ratio: number): number {
  return Math.ceil((width * Math.min(2, Math.max(1, ratio))) / widthStep) * widthStep;
}
