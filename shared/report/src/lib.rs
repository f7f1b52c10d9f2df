//! Analysis in, report out: PDF, Markdown, JSON. Knows no database, no window and no clock.
//! JSON is the analysis as it is serialised; it needs no function here.

#![warn(missing_docs)]

#[cfg(test)]
mod fixtures;
mod markdown;
mod pdf;
mod sections;
#[cfg(test)]
mod tests;
pub mod typeset;
mod view;

use maneiro_api::analysis::Analysis;

use crate::view::View;

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

/// The report could not be typeset: a fault of ours, never of the analysis. Holds nothing of the analysis.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be typeset: {0}")]
pub struct ReportError(String);

/// Typesets a tagged PDF (PDF/A-2a and PDF/UA-1) with embedded fonts. The same report gives the same bytes.
/// Characters that no built-in font has are shown as [`MISSING`].
///
/// # Errors
/// [`ReportError`] if the typesetter refuses the template.
pub fn pdf(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    pdf::write(&View::new(report), report.analysis)
}

/// Writes the report as Markdown (CommonMark with tables).
#[must_use]
pub fn markdown(report: &Report<'_>) -> String {
    markdown::write(&View::new(report))
}

/// What stands in the PDF for a character that no built-in font has.
pub const MISSING: char = '\u{25a1}';
