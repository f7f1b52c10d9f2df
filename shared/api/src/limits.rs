//! Limits of the API. The cloud enforces them; the workstation stays within them.

/// Pages in one document.
pub const MAX_PAGES_PER_DOCUMENT: u32 = 10_000;

/// Pages in one upload batch.
pub const MAX_PAGES_PER_BATCH: usize = 50;

/// Bytes of the body of an upload of pages, after decompression.
pub const MAX_UPLOAD_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of any other request body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Bytes of an original file.
pub const MAX_ORIGINAL_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Words on one page; a page of dense print has about 1,500.
pub const MAX_WORDS_PER_PAGE: usize = 20_000;

/// Characters of a record's title or a document's file name.
pub const MAX_TITLE_CHARS: usize = 200;

/// Characters of a free field of a record.
pub const MAX_RECORD_FIELD_CHARS: usize = 200;

/// Characters of a job's focus.
pub const MAX_FOCUS_CHARS: usize = 500;

/// Lines below the clinic's name on a letterhead.
pub const MAX_LETTERHEAD_LINES: usize = 4;

/// Characters of such a line.
pub const MAX_LETTERHEAD_LINE_CHARS: usize = 120;

/// Lines that name the recipient of a report.
pub const MAX_RECIPIENT_LINES: usize = 4;

/// Characters of such a line.
pub const MAX_RECIPIENT_LINE_CHARS: usize = 120;

/// Sections that are chosen for a report: all that there are.
pub const MAX_REPORT_SECTIONS: usize = 16;

/// Bytes of the file of a picture on reports.
pub const MAX_PICTURE_BYTES: usize = 4 * 1024 * 1024;

/// Edits in one request.
pub const MAX_EDITS_PER_REQUEST: usize = 100;

/// Edits of one analysis.
pub const MAX_EDITS_PER_ANALYSIS: u32 = 20_000;

/// Characters of a statement, or of a quote, that a reader wrote or chose.
pub const MAX_STATEMENT_CHARS: usize = 4_000;

/// Quotes of one edit.
pub const MAX_QUOTES_PER_EDIT: usize = 20;

/// Boxes of a quote, one a line.
pub const MAX_BOXES_PER_QUOTE: usize = 200;

/// Characters of an `Idempotency-Key`.
pub const MAX_IDEMPOTENCY_KEY_CHARS: usize = 100;

/// Items in one response of a list.
pub const MAX_LIST_ITEMS: u32 = 200;

/// Characters of a password (NIST SP 800-63B, section 5.1.1, requires at least 8).
pub const MIN_PASSWORD_CHARS: usize = 12;

/// Characters of a password; limits the work of hashing one.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// Minutes without use after which a session may end.
pub const IDLE_MINUTES: std::ops::RangeInclusive<u32> = 1..=720;

/// How long a session may last, in hours.
pub const SESSION_HOURS: std::ops::RangeInclusive<u32> = 1..=24;

/// How long a record may be kept after something was added to it, in days.
pub const RETENTION_DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// Domains or hosts in one list of a policy.
pub const MAX_POLICY_HOSTS: usize = 100;

/// Characters of what is said before a recording.
pub const MAX_RECORDING_CONSENT_CHARS: usize = 2_000;

/// How long a support session may last, in minutes.
pub const SUPPORT_SESSION_MINUTES: std::ops::RangeInclusive<u32> = 5..=240;

/// The longest reason of a support session, in characters.
pub const MAX_SUPPORT_REASON_CHARS: usize = 500;
