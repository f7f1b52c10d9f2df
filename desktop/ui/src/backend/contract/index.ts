/**
 * What the window asks of the shell, and what the shell tells the window. Written by hand until the types come from Rust.
 * Names are those of the wire: snake_case, ids and times as text, no integer above 2^53.
 */
import type { RecordId } from "./common";
import type { PagesCommands } from "./pages";
import type { OfferedFile, Reading, RecordsCommands } from "./records";
import type { ReportCommands } from "./report";
import type { ReviewCommands, Run } from "./review";
import type { SessionCommands, SessionState } from "./session";
import type { SettingsCommands } from "./settings";

export * from "./common";
export * from "./pages";
export * from "./records";
export * from "./report";
export * from "./review";
export * from "./session";
export * from "./settings";

/** Every command: the argument `in` (undefined: none) and the answer `out`. */
export interface Commands
  extends SessionCommands,
    RecordsCommands,
    PagesCommands,
    ReviewCommands,
    ReportCommands,
    SettingsCommands {}

export type CommandName = keyof Commands;

/** What the shell tells without being asked, all through the one event `maneiro`. */
export type ShellEvent =
  | { event: "session"; session: SessionState }
  /** The list is stale: a record came, went or changed its state or title. */
  | { event: "records_changed" }
  /** Files, fields or counts of one record changed. */
  | { event: "record_changed"; record: RecordId }
  | { event: "reading"; record: RecordId; reading: Reading }
  | { event: "run"; record: RecordId; run: Run }
  /** Statements changed elsewhere, or a result came. */
  | { event: "review_changed"; record: RecordId }
  | { event: "outbox_changed" }
  | { event: "clinic_changed" }
  /** Files hover over the window (`count`), or no longer do (0). Where, in CSS pixels; at most 20 a second. */
  | { event: "drag"; count: number; x: number; y: number }
  /** Files were dropped (`at`: where, in CSS pixels), or opened with the app from the file manager. */
  | { event: "files_offered"; files: OfferedFile[]; how: "dropped" | "opened"; at: { x: number; y: number } | null };

export type EventName = ShellEvent["event"];
