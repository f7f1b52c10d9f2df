/** Ids, places on a page and errors, as they cross between the window and the shell. Times are RFC 3339, days `2024-03-12`. */

/** Ids are the cloud's: `rec_` and 32 hexadecimal digits. The window never looks inside one. */
export type RecordId = string;
export type DocumentId = string;
export type JobId = string;
export type AnalysisId = string;
export type UserId = string;
export type OrgId = string;
export type StatementId = string;

export type Timestamp = string;
export type Day = string;

/** A rectangle on a page as it is shown, in points, origin at the top left. */
export interface BBox {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export type Role = "admin" | "doctor" | "assistant";

/** Every code a command may fail with: the cloud's, then the workstation's. */
export const errorCodes = [
  "invalid_input",
  "unauthenticated",
  "invalid_credentials",
  "permission_denied",
  "not_found",
  "method_not_allowed",
  "record_incomplete",
  "not_cancellable",
  "not_retryable",
  "document_conflict",
  "idempotency_key_reused",
  "too_large",
  "unsupported_media_type",
  "limit_reached",
  "too_many_requests",
  "unavailable",
  "internal",
  // The way to the cloud.
  "offline",
  "server_unreachable",
  "server_not_maneiro",
  "server_too_old",
  "server_too_new",
  "certificate_refused",
  // The door.
  "code_wrong",
  "code_expired",
  "session_ended",
  "wrong_password",
  "password_required",
  "locked",
  "read_only",
  "keychain_unavailable",
  // Files and the disk.
  "file_missing",
  "file_damaged",
  "file_encrypted",
  "file_kind",
  "file_empty",
  "file_already_there",
  "disk_full",
  "store_damaged",
  // Pictures: letterhead and signature.
  "picture_kind",
  "picture_too_large",
  "picture_damaged",
  // Review and report.
  "nothing_to_undo",
  "nothing_to_redo",
  "changed_elsewhere",
  "words_unreadable",
  "no_signature_block",
  "no_analysis",
  "no_printer",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What a failed command answers: a code and its parameters, never a sentence. */
export interface CommandError {
  code: ErrorCode;
  /** Values for the sentence of the code, such as `{ name: "imaging_CD.pdf" }`. */
  params: Record<string, string | number>;
  /** Finds the request in the cloud's log; shown as the number to quote. */
  request_id: string | null;
}
