/** What the address of Review says: page, zoom, turned pages, chosen statement and place, filter, search. */

export type Turn = 90 | 180 | 270;
export type Show = "to_check" | "left_out";

export interface ReviewSearch {
  /** Number in the record, from 1. */
  page?: number;
  /** Percent; absent: to width. */
  zoom?: number;
  /** Pages that are shown turned clockwise. */
  turn?: Record<string, Turn>;
  statement?: string;
  /** Which of the statement's places is at the reading height, from 0. */
  lit?: number;
  show?: Show;
  /** What is searched for. */
  find?: string;
  /** The current hit, from 1. */
  hit?: number;
  /** Hits in statements instead of pages. */
  among?: "statements";
}

const whole = (value: unknown, least: number): number | undefined => {
  const number = Number(value);
  return Number.isInteger(number) && number >= least ? number : undefined;
};

function turns(value: unknown): Record<string, Turn> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const known = Object.entries(value).filter(([, turn]) => turn === 90 || turn === 180 || turn === 270);
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

/** What is not understood is `undefined`, so that nothing of the raw address is left beside it. */
export function reviewSearch(raw: Record<string, unknown>): ReviewSearch {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return {
    page: whole(raw.page, 1),
    zoom: whole(raw.zoom, 1),
    turn: turns(raw.turn),
    statement: text(raw.statement),
    lit: whole(raw.lit, 1),
    show: raw.show === "to_check" || raw.show === "left_out" ? raw.show : undefined,
    // A search for digits alone comes as a number out of the address.
    find: text(typeof raw.find === "number" ? String(raw.find) : raw.find),
    hit: whole(raw.hit, 1),
    among: raw.among === "statements" ? "statements" : undefined,
  };
}
