/** Pages of a record: their words with boxes, and search. Images come by the page protocol, never through a command. */
import type { BBox, DocumentId, RecordId } from "./common";

/** What the thumbnails and the scroll need to know of every page; kept small, a record may have 2,000. */
export interface PageInfo {
  document: DocumentId;
  /** Number in its file, from 1. The number in the record is its place in the list. */
  number: number;
  /** As shown, in points. */
  width: number;
  height: number;
  state: "waiting" | "read" | "blank" | "duplicate" | "failed";
  /** For `duplicate`: the number of the earlier page in the record. */
  duplicate_of: number | null;
  /** Mean confidence of its words in percent; 100 for a text layer. */
  confidence: number;
}

export interface Word {
  text: string;
  bbox: BBox;
  confidence: number;
}

export interface Line {
  words: Word[];
  role: "body" | "header" | "footer" | "annotation";
  /** Why no statement could be made of it, if that is so. */
  not_understood: "handwriting" | "damaged_picture" | "no_sense" | null;
}

/** The words of one page in reading order. */
export interface PageWords {
  page: number;
  width: number;
  height: number;
  lines: Line[];
}

/** Consecutive words of a page: line and word count from 0, both ends included. */
export interface WordRange {
  page: number;
  first: { line: number; word: number };
  last: { line: number; word: number };
}

/** A line with a hit. */
export interface SearchHit {
  page: number;
  /** The line's words, and where in them the hit is, in UTF-16 units. */
  text: string;
  start: number;
  end: number;
  boxes: BBox[];
  /** Mean confidence of the words hit. */
  confidence: number;
}

export interface PagesCommands {
  pages: { in: { record: RecordId }; out: PageInfo[] };
  page_words: { in: { record: RecordId; page: number }; out: PageWords };
  /** Hits in page order, at most 2,000; `more` says that there are others. */
  search_pages: { in: { record: RecordId; query: string }; out: { hits: SearchHit[]; more: boolean } };
}
