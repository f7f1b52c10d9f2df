/** The analysis as it is reviewed: statements, what they rest on, and every change with its author. */
import type { AnalysisId, BBox, Day, DocumentId, JobId, RecordId, StatementId, Timestamp } from "./common";
import type { WordRange } from "./pages";
import type { Encounter, RecordFields } from "./records";

/** Sections in display order; `summary` is Most important. */
export const sections = [
  "summary",
  "conflicts",
  "problems",
  "signs_symptoms",
  "medications",
  "allergies",
  "vitals",
  "labs",
  "procedures",
  "imaging",
  "social_history",
  "immunizations",
  "directives",
  "timeline",
  "follow_ups",
  "gaps",
] as const;
export type Section = (typeof sections)[number];

export type Assertion = "present" | "negated" | "possible" | "family" | "historical" | "planned";

/** Where quoted words stand. A quote over two pages has two places. */
export interface Place {
  /** Number in the record, from 1. */
  page: number;
  document: DocumentId;
  /** The part of the quote that stands on this page. */
  quote: string;
  /** One per line; empty if the quote was not found on the page. */
  boxes: BBox[];
}

export interface Citation {
  quote: string;
  places: Place[];
  /** Mean confidence of the quoted words in percent; null if not found. */
  confidence: number | null;
  /** Chosen by a reader, not by the analyser. */
  chosen_by_reader: boolean;
}

/** What the sections show beside the words; all as written on the page. */
export interface StatementDetails {
  name: string | null;
  value: string | null;
  unit: string | null;
  reference_range: string | null;
  flag: "low" | "normal" | "high" | "abnormal" | null;
  date: Day | null;
  /** For `family`: whose, such as `father`. */
  relation: string | null;
}

export type ReviewState = "open" | "accepted" | "rejected";

/** Another version of the words of a statement, made elsewhere at the same time. */
export interface Version {
  text: string;
  author: string;
  mine: boolean;
  at: Timestamp;
}

export interface Statement {
  id: StatementId;
  section: Section;
  text: string;
  /** The words before the first edit; null if never edited or added by hand. */
  text_before: string | null;
  assertion: Assertion;
  citations: Citation[];
  /** Every quote was found on its page. */
  verified: boolean;
  /** Sense, dose, value, unit and date were recomputed from the quote and agree. */
  checked: boolean;
  /** It stands among two places that disagree. */
  in_conflict: boolean;
  /** Words of the text that were read badly: start and end in UTF-16 units, confidence in percent. */
  weak_words: { start: number; end: number; confidence: number }[];
  details: StatementDetails;
  state: ReviewState;
  added_by_hand: boolean;
  /** Who last changed it. */
  changed: { author: string; mine: boolean; at: Timestamp } | null;
  /** Two edits of the same words; both stay until somebody chooses. */
  versions: { mine: Version; theirs: Version; base: string } | null;
  /** Not in the result before this one. */
  is_new: boolean;
}

/** A page that no statement rests on. */
export interface UnusedPage {
  page: number;
  reason: "blank" | "duplicate" | "failed" | "nothing_clinical" | "outside_window";
  kind: string | null;
}

/** A line that was read but not understood. */
export interface UnusedLine {
  page: number;
  bbox: BBox;
  text: string;
  confidence: number;
  reason: "handwriting" | "damaged_picture" | "no_sense";
}

export type JobState = "waiting" | "processing" | "complete" | "error" | "cancelled";
export type JobErrorCode =
  | "model_unavailable"
  | "model_request_rejected"
  | "model_output_invalid"
  | "storage_unavailable"
  | "worker_lost"
  | "internal";

/** The run that goes on, or the last one if it failed. */
export interface Run {
  job: JobId;
  state: JobState;
  pages_done: number;
  pages_total: number;
  seconds_left: number | null;
  error: JobErrorCode | null;
}

export interface DateWindow {
  from: Day | null;
  to: Day | null;
}

/** What undo and redo would do; null if there is nothing. */
export interface UndoState {
  undo: ChangeKind | null;
  redo: ChangeKind | null;
}

export interface Review {
  analysis: AnalysisId;
  generated_at: Timestamp;
  generator: { kind: "extractive" } | { kind: "model"; name: string };
  focus: string | null;
  window: DateWindow | null;
  statements: Statement[];
  unused_pages: UnusedPage[];
  unused_lines: UnusedLine[];
  undo: UndoState;
  /** A newer result is there and can be shown. */
  newer: AnalysisId | null;
}

/** A record as Review opens it. */
export interface ReviewRecord {
  record: RecordId;
  title: string;
  fields: RecordFields;
  encounters: Encounter[];
  /** Null until the first result. */
  review: Review | null;
  run: Run | null;
  /** What happened to the files since the result was made. */
  files_changed: { pages_added: number; pages_removed: number };
  waits_for_network: boolean;
  /** Whether this member may change statements. */
  may_edit: boolean;
}

export type Change =
  | { change: "accept"; statement: StatementId }
  /** Takes a statement that was added by hand away altogether. */
  | { change: "reject"; statement: StatementId }
  /** Back to not looked at. */
  | { change: "reopen"; statement: StatementId }
  | { change: "edit"; statement: StatementId; text: string; section: Section }
  | { change: "add"; section: Section; text: string; assertion: Assertion; words: WordRange[] }
  | { change: "add_quote"; statement: StatementId; words: WordRange[] }
  | { change: "keep_mine"; statement: StatementId }
  | { change: "keep_theirs"; statement: StatementId };
export type ChangeKind = Change["change"];

/** What a change did: the statements that are different now; one that comes back says so by not being known. */
export interface Changed {
  statements: Statement[];
  removed: StatementId[];
  undo: UndoState;
}

export interface HistoryEntry {
  id: string;
  at: Timestamp;
  author: string;
  mine: boolean;
  change: ChangeKind | "undo" | "redo" | "run";
  statement: StatementId | null;
  before: string | null;
  after: string | null;
}

export interface ReviewCommands {
  review: { in: { record: RecordId }; out: ReviewRecord };
  /** Shows the newer result from now on; changes are carried over where the statement is the same. */
  show_newer: { in: { record: RecordId }; out: null };
  change: { in: { record: RecordId; change: Change }; out: Changed };
  undo: { in: { record: RecordId }; out: Changed };
  redo: { in: { record: RecordId }; out: Changed };
  /** Who changed what and when, newest first; of one statement if it is named. */
  history: { in: { record: RecordId; statement: StatementId | null }; out: HistoryEntry[] };
  /** Starts an analysis; waits in the outbox without network. The old result stays. */
  run_analysis: { in: { record: RecordId; focus: string | null; window: DateWindow | null }; out: null };
  cancel_analysis: { in: { record: RecordId }; out: null };
}
