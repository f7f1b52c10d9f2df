//! Reports: an analysis as a file.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

/// The query of `GET /v1/analyses/{analysis}/report`. What is absent is as in [`ReportOptions::default`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// The format of the report.
    pub format: ReportFormat,
    /// A signed version of it, which is drawn as it was signed: nothing else may be chosen for it.
    #[param(minimum = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// How much it says; `full_review` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<ReportForm>,
    /// Its language; `en` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<ReportLanguage>,
    /// To whom: name and address, at most four lines of at most 120 characters.
    #[param(
        max_length = 483,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]{0,120}(\\n[^\\x00-\\x1F\\x7F-\\x9F]{0,120}){0,3}$"
    )]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The sections of a full review, separated by commas; all by default. The summary is always there.
    #[param(style = Form, explode = false, value_type = Option<Vec<StatementSection>>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sections: Option<String>,
    /// Its paper; `letter` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperSize>,
    /// Whether it is on the clinic's letterhead, if the plan has one; `true` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letterhead: Option<bool>,
}

impl ReportQuery {
    /// Nothing but the format.
    #[must_use]
    pub const fn new(format: ReportFormat) -> Self {
        Self {
            format,
            version: None,
            form: None,
            language: None,
            recipient: None,
            sections: None,
            paper: None,
            letterhead: None,
        }
    }
}

/// Sections as a query names them.
#[must_use]
pub fn join_sections(sections: &[StatementSection]) -> String {
    let name = |section: &StatementSection| match serde_json::to_value(section) {
        Ok(serde_json::Value::String(name)) => name,
        _ => unreachable!("a section is a word"),
    };
    sections.iter().map(name).collect::<Vec<_>>().join(",")
}

/// The sections that a query names; none if one is unknown.
#[must_use]
pub fn parse_sections(sections: &str) -> Option<Vec<StatementSection>> {
    let names = sections.split(',').filter(|name| !name.is_empty());
    names.map(|name| serde_json::from_value(name.into()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_a_query_are_separated_by_commas() {
        let sections = [StatementSection::Labs, StatementSection::FollowUps];
        assert_eq!(join_sections(&sections), "labs,follow_ups");
        assert_eq!(parse_sections("labs,follow_ups").unwrap(), sections);
        assert_eq!(parse_sections("").unwrap(), []);
        assert_eq!(parse_sections("labs,history"), None);
    }

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
