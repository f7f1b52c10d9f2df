/** Records, their files, and the reading of their pages on this computer. */
import type { Day, DocumentId, RecordId, Timestamp, UserId } from "./common";

/** Where a record stands on its way to a signed report. */
export const recordStates = ["reading", "to_review", "to_sign", "signed"] as const;
export type RecordState = (typeof recordStates)[number];

/** Fields of a record that the clinic fills in; all free text but the days. */
export interface RecordFields {
  number: string | null;
  birth_date: Day | null;
  injury_date: Day | null;
  examiner: string | null;
  /** Kind of the case, such as `Left shoulder`. */
  kind: string | null;
}

export type ReadingState = "running" | "paused" | "cancelled" | "done";

/** How far the reading of a record is. Pushed at most 20 times a second. */
export interface Reading {
  state: ReadingState;
  pages_done: number;
  pages_total: number;
  /** Pages of the record, from 1, that could not be read. */
  pages_failed: number[];
  pages_per_second: number;
  /** Null until it can be told. */
  seconds_left: number | null;
  /** Files that ask for their password. */
  files_locked: number;
  /** Files whose pages are still being counted: `pages_total` is then what is known so far. */
  counting: boolean;
}

/** A row of the list. */
export interface RecordSummary {
  id: RecordId;
  title: string;
  kind: string | null;
  state: RecordState;
  owner: { id: UserId; name: string };
  changed_at: Timestamp;
  files: number;
  pages: number;
  reading: Reading;
  pages_not_read: number;
  conflicts: number;
  /** A newer result lies beside the one that was reviewed. */
  new_result: boolean;
  /** The cloud's job goes on. */
  analysing: boolean;
  waits_for_network: boolean;
  sample: boolean;
  /** Files that ask for their password, for the row's own field. */
  locked_files: { document: DocumentId; name: string }[];
}

export interface RecordCounts {
  all: number;
  by_state: Record<RecordState, number>;
  owners: { id: UserId; name: string; records: number }[];
}

export interface RecordList {
  items: RecordSummary[];
  counts: RecordCounts;
  next_cursor: string | null;
}

export type FileState = "waiting" | "reading" | "done" | "partly" | "failed" | "asks_password";

/** One file of a record. */
export interface RecordFile {
  document: DocumentId;
  name: string;
  media_type: string;
  kilobytes: number;
  state: FileState;
  /** Number of the file's first page in the record, from 1. */
  first_page: number;
  pages: number;
  pages_read: number;
  /** Why the whole file could not be read. */
  fault: FileFault | null;
}

export type FileFault = "damaged" | "kind" | "empty" | "too_large" | "missing";

/** Why a page could not be read; a code of the reader, so that the window can say it in both languages. */
export type PageFault =
  | "file_ends"
  | "picture_damaged"
  | "picture_too_large"
  | "picture_format"
  | "took_too_long"
  | "out_of_memory"
  | "reader_stopped"
  | "other";

/** A page that could not be read. */
export interface UnreadPage {
  /** Number in the record, from 1. */
  page: number;
  document: DocumentId;
  fault: PageFault;
  /** What the reader said, in English; shown for `other` only. */
  detail: string | null;
}

/** A part of the record with a date and kind of its own. */
export interface Encounter {
  kind: string;
  date: Day | null;
  author: string | null;
  first_line: string;
  /** Numbers in the record, from 1. */
  first_page: number;
  last_page: number;
}

/** A record as the preview shows it. */
export interface RecordDetail {
  summary: RecordSummary;
  fields: RecordFields;
  files: RecordFile[];
  unread: UnreadPage[];
  encounters: Encounter[];
  /** The three most important statements, if there is a result. */
  most_important: string[];
  statements: { total: number; reviewed: number; not_found: number };
  kept_until: Day | null;
  /** The first page can be shown: where it lies and how well its words were read. */
  first_page: { document: DocumentId; page: number; confidence: number } | null;
}

/** A file that was dropped, chosen, pasted or opened with the app; the shell keeps its path. */
export interface OfferedFile {
  handle: string;
  name: string;
  kilobytes: number;
  /** What it is, by its first bytes; null if Maneiro cannot read it. */
  media_type: string | null;
}

export interface OutboxItem {
  id: string;
  record: RecordId;
  title: string;
  what: "analyse" | "edits" | "fields" | "files" | "signed_report" | "delete";
  /** Edits for `edits`, pages for `analyse` and `files`, 0 otherwise. */
  count: number;
  kilobytes: number;
  since: Timestamp;
}

/** What waits for the cloud. It goes by itself. */
export interface Outbox {
  online: boolean;
  offline_since: Timestamp | null;
  items: OutboxItem[];
}

export interface RecordsCommands {
  /** The list, newest change first; `search` looks in titles, fields and kinds. */
  list_records: {
    in: { search: string; state: RecordState | null; owner: UserId | null; cursor: string | null };
    out: RecordList;
  };
  record: { in: { record: RecordId }; out: RecordDetail };
  /** Makes one record of the files, or one of each, and starts reading. */
  create_records: { in: { handles: string[]; as: "one" | "several" }; out: { records: RecordId[] } };
  /** Adds files to the end of a record and reads them. */
  add_files: { in: { record: RecordId; handles: string[] }; out: null };
  /** Puts the files of a record into this order. */
  arrange_files: { in: { record: RecordId; documents: DocumentId[] }; out: null };
  remove_file: { in: { record: RecordId; document: DocumentId }; out: null };
  /** Opens an encrypted file; fails with `wrong_password`. */
  unlock_file: { in: { record: RecordId; document: DocumentId; password: string }; out: null };
  /** Changes title or fields; what is not named stays. */
  update_record: { in: { record: RecordId; title?: string; fields?: Partial<RecordFields> }; out: null };
  /** Deletes a record here and in the cloud. */
  delete_record: { in: { record: RecordId }; out: null };
  /** Makes the sample record if there is none, and answers it. */
  open_sample: { in: undefined; out: { record: RecordId } };
  /** The system's dialog; an empty list if it was closed. */
  choose_files: { in: undefined; out: OfferedFile[] };
  /** Takes an image from the clipboard, as the web view got it; base64, at most 32 MB. */
  paste_image: { in: { media_type: string; base64: string }; out: OfferedFile };
  /** Forgets offered files that nobody wants. */
  drop_offer: { in: { handles: string[] }; out: null };
  pause_reading: { in: { record: RecordId }; out: null };
  resume_reading: { in: { record: RecordId }; out: null };
  /** Stops reading; what was read stays. */
  cancel_reading: { in: { record: RecordId }; out: null };
  outbox: { in: undefined; out: Outbox };
}
