/** What the address of Review says: page, zoom, turn, chosen statement, filter, search. */
export interface ReviewSearch {
  /** Number in the record, from 1. */
  page?: number;
  /** Percent; absent: to width. */
  zoom?: number;
  statement?: string;
}

const count = (value: unknown): number | undefined => {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
};

export function reviewSearch(raw: Record<string, unknown>): ReviewSearch {
  const search: ReviewSearch = {};
  const page = count(raw.page);
  const zoom = count(raw.zoom);
  if (page) search.page = page;
  if (zoom) search.zoom = zoom;
  if (typeof raw.statement === "string") search.statement = raw.statement;
  return search;
}
