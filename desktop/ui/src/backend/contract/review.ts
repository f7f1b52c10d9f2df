/** The analysis as it is reviewed: the commands. */
import type {
  Change,
  Changed,
  DateWindow,
  HistoryEntry,
  RecordId,
  ReviewRecord,
  Section,
  StatementId,
} from "../generated/types";

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
] as const satisfies readonly Section[];

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
