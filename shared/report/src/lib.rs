//! Analysis in, report out: PDF, Markdown, JSON. Knows no database, no window and no clock.

pub mod typeset;

use maneiro_api::analysis::Analysis;

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The clinic whose report it is.
    pub clinic: &'a str,
    /// What the clinic calls the record.
    pub record_title: &'a str,
    /// What it says.
    pub analysis: &'a Analysis,
}

/// The report could not be typeset: a fault of ours, never of the analysis.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be typeset: {0}")]
pub struct ReportError(String);

/// Typesets a tagged PDF/A with embedded fonts.
///
/// # Errors
/// [`ReportError`] if the typesetter refuses the template.
pub fn pdf(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    let _ = report;
    Err(ReportError("not built yet".to_owned()))
}

/// Writes the report as Markdown (CommonMark with tables).
#[must_use]
pub fn markdown(report: &Report<'_>) -> String {
    let _ = report;
    String::new()
}
