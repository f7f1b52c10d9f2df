//! Reports: an analysis as a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    /// A letter of a page or two.
    ShortLetter,
    /// All sections.
    FullReview,
}

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Typeset, to print and to keep.
    Pdf,
    /// Plain text with Markdown markup, to paste.
    Markdown,
    /// The analysis itself, for programs.
    Json,
}
