/** The report: its pages as they will print, signing, saving and printing. */
import type { BBox, RecordId, Timestamp } from "./common";
import type { Section } from "./review";
import type { Language } from "./session";

export type ReportForm = "short_letter" | "full_review";

export interface ReportOptions {
  form: ReportForm;
  language: Language;
  /** To whom, for the letter; free text of up to four lines. */
  recipient: string;
  /** Sections of the full review; all if null. */
  sections: Section[] | null;
  letterhead: boolean;
}

export interface ReportPage {
  width: number;
  height: number;
  /** Page references that lead to the page of the record. */
  links: { bbox: BBox; page: number }[];
}

/** Facts that the signer should know; none of them bars signing. */
export interface BeforeSigning {
  statements: number;
  not_looked_at: number;
  /** Printed as conflicts. */
  conflicts: number;
  /** Not found on their pages, and so left out. */
  left_out: number;
}

/** The block below a signature, as it will print. */
export interface PrintedBlock {
  name: string;
  line: string;
  licence: string;
  has_picture: boolean;
}

export interface ReportPreview {
  /** Names the pages for the page protocol: `{page_base}/report/{preview}/{page}?w={pixels}`. */
  preview: string;
  /** The signed version it shows; null for the draft. */
  version: number | null;
  options: ReportOptions;
  paper: "letter" | "a4";
  drawn_at: Timestamp;
  pages: ReportPage[];
  /** How many pages each form has. */
  form_pages: Record<ReportForm, number>;
  before_signing: BeforeSigning;
  block: PrintedBlock | null;
  clinic: string;
  /** Versions that were signed, newest first. */
  signed: SignedVersion[];
  /** Why this member cannot sign, and who can. */
  sign: {
    allowed: boolean;
    reason: "not_a_signer" | "no_block" | "read_only" | "no_analysis" | null;
    signers: string[];
  };
}

export interface SignedVersion {
  version: number;
  signed_at: Timestamp;
  signer: string;
  form: ReportForm;
}

export type ReportFormat = "pdf" | "markdown" | "json";

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
  save_report: { in: { record: RecordId; preview: string; format: ReportFormat }; out: { name: string } | null };
  /** Hands the PDF to the system's printing; `viewer`: it was opened in the system's viewer instead. */
  print_report: { in: { record: RecordId; preview: string }; out: { how: "dialog" | "viewer" } };
  /** The text of the report or of one section, for the clipboard. */
  report_text: { in: { record: RecordId; preview: string; section: Section | null }; out: string };
  /** Signs what the preview shows. `password_required` after 15 minutes. */
  sign_report: { in: { record: RecordId; preview: string; password: string | null }; out: SignedVersion };
}
