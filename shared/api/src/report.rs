//! Reports: an analysis as a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    edit::StatementSection,
    limits::{MAX_RECIPIENT_LINE_CHARS, MAX_RECIPIENT_LINES},
};

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

/// The language of everything on a report but statements and quotes, which stay in the record's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReportLanguage {
    /// English.
    En,
    /// Spanish.
    Es,
}

/// The paper that a report is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PaperSize {
    /// US Letter.
    Letter,
    /// ISO A4.
    A4,
}

/// What is chosen for a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ReportOptions {
    /// How much it says.
    pub form: ReportForm,
    /// Its language.
    pub language: ReportLanguage,
    /// To whom: name and address, at most four lines of at most 120 characters. Empty if it is to nobody.
    #[schema(
        max_length = 483,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]{0,120}(\\n[^\\x00-\\x1F\\x7F-\\x9F]{0,120}){0,3}$"
    )]
    pub recipient: String,
    /// The sections of a full review; all if null. A letter has sections of its own.
    #[schema(max_items = 16)]
    pub sections: Option<Vec<StatementSection>>,
    /// Its paper.
    pub paper: PaperSize,
    /// Whether it is on the clinic's letterhead, if the plan has one.
    pub letterhead: bool,
}

impl Default for ReportOptions {
    /// All that there is, in English, to nobody.
    fn default() -> Self {
        Self {
            form: ReportForm::FullReview,
            language: ReportLanguage::En,
            recipient: String::new(),
            sections: None,
            paper: PaperSize::Letter,
            letterhead: true,
        }
    }
}

/// Whether a recipient has as many lines and characters as print.
#[must_use]
pub fn is_printable_recipient(recipient: &str) -> bool {
    let is_printable =
        |line: &str| line.chars().count() <= MAX_RECIPIENT_LINE_CHARS && !line.chars().any(char::is_control);
    recipient.split('\n').count() <= MAX_RECIPIENT_LINES && recipient.split('\n').all(is_printable)
}

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Typeset, to print and to keep.
    Pdf,
    /// Plain text with Markdown markup, to paste.
    Markdown,
    /// What the report is made of, for programs.
    Json,
}

/// `POST /v1/analyses/{analysis}/report`: creates the file of a report. A body, since a recipient must not stand in a URL, which
/// proxies log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateReport {
    /// The format of the file.
    pub format: ReportFormat,
    /// Which report.
    pub report: RequestedReport,
}

/// Which report is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestedReport {
    /// The analysis as readers have left it.
    Draft(ReportOptions),
    /// The version of this number, as it was signed.
    Signed(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_has_four_lines_of_text_at_most() {
        let line = "x".repeat(MAX_RECIPIENT_LINE_CHARS);
        let four = [&*line; MAX_RECIPIENT_LINES].join("\n");
        for printable in ["", "Dr. Ana Pérez\nQuay Street 12", &four] {
            assert!(is_printable_recipient(printable), "{printable}");
        }
        for refused in ["a\nb\nc\nd\ne", "a\tb", "a\r\nb", &format!("{line}x")] {
            assert!(!is_printable_recipient(refused), "{refused}");
        }
    }
}
