/** The report: its pages as they will print, signing, saving and printing: the commands. */
import type {
  PrintOutcome,
  RecordId,
  ReportFormat,
  ReportOptions,
  ReportPreview,
  SavedFile,
  Section,
  SignedVersion,
} from "../generated/types";

export interface ReportCommands {
  /**
   * Draws the report. Options that are not named stay as they were for this record; the shell keeps them.
   * `version` shows one that was signed instead.
   */
  preview_report: {
    in: { record: RecordId; options: Partial<ReportOptions>; version: number | null };
    out: ReportPreview;
  };
  /** The system's save dialog, then the file; null if the dialog was closed. */
  save_report: { in: { record: RecordId; preview: string; format: ReportFormat }; out: SavedFile | null };
  /** Hands the PDF to the system's printing; `viewer`: it was opened in the system's viewer instead. */
  print_report: { in: { record: RecordId; preview: string }; out: PrintOutcome };
  /** The text of the report or of one section, for the clipboard. */
  report_text: { in: { record: RecordId; preview: string; section: Section | null }; out: string };
  /** Signs what the preview shows. `password_required` after 15 minutes. */
  sign_report: { in: { record: RecordId; preview: string; password: string | null }; out: SignedVersion };
}
