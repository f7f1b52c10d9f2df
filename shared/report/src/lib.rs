//! Analysis in, report out: PDF and Markdown. Has no database, no user interface and no clock.
//! The JSON report is a wire type and needs no function here.

#![warn(missing_docs)]

mod builder;
#[cfg(test)]
mod fixtures;
mod labels;
mod letter;
mod letterhead;
mod markdown;
mod model;
mod page_links;
mod page_references;
mod pdf;
mod sections;
mod selection;
#[cfg(test)]
mod tests;
mod texts;
pub mod typeset;

pub use self::{
    builder::{Report, Signer},
    page_links::{PageLink, page_links},
    pdf::MISSING_GLYPH,
    typeset::ReportError,
};

/// Typesets a tagged PDF (PDF/A-2a and PDF/UA-1) with embedded fonts. Equal reports give equal bytes. Characters that no
/// built-in font has are shown as [`MISSING_GLYPH`].
///
/// # Errors
/// [`ReportError`] if the template is invalid.
pub fn pdf(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    pdf::write(&builder::build_model(report), report.analysis)
}

/// Writes the report as Markdown (CommonMark with tables).
#[must_use]
pub fn markdown(report: &Report<'_>) -> String {
    markdown::write(&builder::build_model(report))
}
