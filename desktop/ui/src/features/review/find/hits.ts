/** Hits of a search by page, and what rests on each of them. */
import type { BBox, SearchHit, Statement } from "@/backend/contract";
import { placesOf } from "../model/statements";
import type { Hit } from "../page/Sheet";

export interface HitGroup {
  page: number;
  hits: { hit: SearchHit; index: number }[];
}

export function groupsOf(hits: readonly SearchHit[]): HitGroup[] {
  const groups = new Map<number, HitGroup>();
  hits.forEach((hit, index) => {
    const group = groups.get(hit.page) ?? { page: hit.page, hits: [] };
    groups.set(hit.page, group);
    group.hits.push({ hit, index });
  });
  return [...groups.values()];
}

/** For the pages: where to light, the current one with its line. */
export function hitsByPage(hits: readonly SearchHit[], now: number | null): Map<number, Hit[]> {
  const pages = new Map<number, Hit[]>();
  hits.forEach((hit, index) => {
    pages.set(hit.page, [...(pages.get(hit.page) ?? []), { boxes: hit.boxes, now: index === now }]);
  });
  return pages;
}

const middle = (box: BBox) => (box.y0 + box.y1) / 2;

/** How many statements rest on the line of a hit. */
export function restingCount(hit: SearchHit, statements: readonly Statement[]): number {
  return statements.filter((statement) =>
    placesOf(statement).some(
      (place) =>
        place.page === hit.page &&
        place.boxes.some((box) => hit.boxes.some((own) => middle(own) > box.y0 && middle(own) < box.y1)),
    ),
  ).length;
}

const fold = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** Statements that have the words. */
export const matching = (statements: readonly Statement[], query: string): Statement[] =>
  statements.filter((it) => fold(it.text).includes(fold(query.trim())));

/** The next hit after a page where none is current yet. */
export function firstFrom(hits: readonly SearchHit[], page: number): number {
  return Math.max(
    0,
    hits.findIndex((hit) => hit.page >= page),
  );
}
