/** What Review makes of statements: their order, their places, and what is to check. */
import {
  type BBox,
  type Citation,
  type Day,
  type Place,
  type Section,
  type Statement,
  sections,
} from "@/backend/contract";

/** Words read worse than this are marked. */
export const weakBelow = 75;

export interface SectionGroup {
  section: Section;
  statements: Statement[];
}

const newestFirst = (a: Statement, b: Statement) => (b.details.date ?? "").localeCompare(a.details.date ?? "");

/** Statements by section, in display order, laboratory by day; sections without any are left away. */
export function bySection(statements: readonly Statement[]): SectionGroup[] {
  return sections
    .map((section) => {
      const own = statements.filter((it) => it.section === section);
      return { section, statements: section === "labs" ? own.toSorted(newestFirst) : own };
    })
    .filter((group) => group.statements.length > 0);
}

/** Statements of one day each, in their order. */
export function byDay(statements: readonly Statement[]): { day: Day | null; statements: Statement[] }[] {
  const days: { day: Day | null; statements: Statement[] }[] = [];
  for (const statement of statements) {
    const last = days.at(-1);
    if (last && last.day === statement.details.date) last.statements.push(statement);
    else days.push({ day: statement.details.date, statements: [statement] });
  }
  return days;
}

/** In the order in which they stand on the screen. */
export const inOrder = (statements: readonly Statement[]): Statement[] =>
  bySection(statements).flatMap((group) => group.statements);

/** Something about it lowers the trust, and nobody has looked at it. Two edits ask for a choice in any state. */
export function needsCheck(statement: Statement): boolean {
  if (statement.versions) return true;
  if (statement.state !== "open") return false;
  return !statement.verified || !statement.checked || statement.in_conflict || statement.weak_words.length > 0;
}

export interface LitPlace extends Place {
  /** Which citation it belongs to. */
  citation: number;
}

/** Where the words of a statement stand, in the order of its quotes; what was not found has no place. */
export function placesOf(statement: Statement): LitPlace[] {
  return statement.citations.flatMap((citation, index) =>
    citation.places.filter((place) => place.boxes.length > 0).map((place) => ({ ...place, citation: index })),
  );
}

export interface PageRef {
  /** `6`, or `13–14` for a quote over two pages. */
  label: string;
  pages: number[];
  /** Which of `placesOf` it leads to; null if the quote was not found on the page. */
  place: number | null;
}

const pagesOfCitation = (citation: Citation) => [...new Set(citation.places.map((place) => place.page))];

const refsOf = new WeakMap<Statement, PageRef[]>();

/** The page numbers of a statement, each once. Every row asks for them whenever the page turns. */
export function pageRefs(statement: Statement): PageRef[] {
  const known = refsOf.get(statement);
  if (known) return known;
  const refs = makePageRefs(statement);
  refsOf.set(statement, refs);
  return refs;
}

function makePageRefs(statement: Statement): PageRef[] {
  const places = placesOf(statement);
  const refs = new Map<string, PageRef>();
  statement.citations.forEach((citation, index) => {
    const pages = pagesOfCitation(citation);
    const first = pages[0];
    const last = pages.at(-1);
    if (first === undefined || last === undefined) return;
    const label = first === last ? String(first) : `${first}–${last}`;
    if (refs.has(label)) return;
    const place = places.findIndex((it) => it.citation === index);
    refs.set(label, { label, pages, place: place < 0 ? null : place });
  });
  return [...refs.values()].sort((a, b) => (a.pages[0] ?? 0) - (b.pages[0] ?? 0));
}

/** At most four numbers; the open page is always among them. */
export function shownRefs(refs: PageRef[], page: number | null): { shown: PageRef[]; more: number } {
  if (refs.length <= 4) return { shown: refs, more: 0 };
  const shown = refs.slice(0, 3);
  const here = page === null ? undefined : refs.find((ref) => ref.pages.includes(page));
  if (here && !shown.includes(here)) shown[2] = here;
  return { shown, more: refs.length - shown.length };
}

/** A line of a page on which statements rest. */
export interface Mark {
  box: BBox;
  statements: string[];
}

const middle = (box: BBox) => (box.y0 + box.y1) / 2;

/** For every page the lines on which statements rest, top first. */
export function marksByPage(statements: readonly Statement[]): Map<number, Mark[]> {
  const pages = new Map<number, Mark[]>();
  for (const statement of statements) {
    for (const place of placesOf(statement)) {
      const marks = pages.get(place.page) ?? [];
      pages.set(place.page, marks);
      for (const box of place.boxes) {
        const known = marks.find((mark) => Math.abs(middle(mark.box) - middle(box)) < 5);
        if (!known) marks.push({ box, statements: [statement.id] });
        else if (!known.statements.includes(statement.id)) known.statements.push(statement.id);
      }
    }
  }
  for (const marks of pages.values()) marks.sort((a, b) => middle(a.box) - middle(b.box));
  return pages;
}

const holds = (box: BBox, x: number, y: number) => x >= box.x0 && x <= box.x1 && y >= box.y0 && y <= box.y1;

/** The statements that rest on any of these words. */
export function restingOn(statements: readonly Statement[], page: number, words: readonly BBox[]): Statement[] {
  return statements.filter((statement) =>
    placesOf(statement).some(
      (place) =>
        place.page === page &&
        place.boxes.some((box) => words.some((word) => holds(box, (word.x0 + word.x1) / 2, middle(word)))),
    ),
  );
}

/** Where a statement made of these words most likely belongs: to the section of its nearest neighbour on the page. */
export function likelySection(statements: readonly Statement[], page: number, word: BBox | undefined): Section {
  let best: { section: Section; distance: number } | null = null;
  for (const statement of statements) {
    if (statement.section === "summary" || statement.section === "conflicts") continue;
    for (const place of placesOf(statement)) {
      if (place.page !== page) continue;
      for (const box of place.boxes) {
        const distance = word ? Math.abs(middle(box) - middle(word)) : 0;
        if (!best || distance < best.distance) best = { section: statement.section, distance };
      }
    }
  }
  return best?.section ?? "problems";
}

/** The reading of one statement's words on its page, for the chip: the worst of its weak words. */
export const worstRead = (statement: Statement): number | null =>
  statement.weak_words.length === 0 ? null : Math.min(...statement.weak_words.map((word) => word.confidence));

/** By page of the record. */
export function byPage<T extends { page: number }>(items: readonly T[]): Map<number, T[]> {
  const pages = new Map<number, T[]>();
  for (const item of items) pages.set(item.page, [...(pages.get(item.page) ?? []), item]);
  return pages;
}
