//! Reports: an analysis as a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
