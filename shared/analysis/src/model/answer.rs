//! An answer in the form of the schema, sanitised: plain text of limited length.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, ClinicalStatus, LabFlag};
use regex::Regex;
use serde::Deserialize;

const MAX_TEXT_CHARS: usize = 1_000;
/// Longest field of a statement, such as a name or a dose.
const MAX_FIELD_CHARS: usize = 200;
/// A longer quote is discarded: it proves nothing in particular.
const MAX_QUOTE_CHARS: usize = 2_000;
/// Quotes of one statement; more are discarded.
const MAX_QUOTES: usize = 20;
/// Statements of one list in one answer; more are discarded.
pub(super) const MAX_ITEMS: usize = 500;

/// The answer to one call.
#[derive(Debug, Deserialize)]
pub(super) struct ModelAnswer {
    pub(super) patient: PatientFields,
    pub(super) problems: Vec<AnswerItem<ProblemFields>>,
    pub(super) signs_symptoms: Vec<AnswerItem<SignSymptomFields>>,
    pub(super) medications: Vec<AnswerItem<MedicationFields>>,
    pub(super) allergies: Vec<AnswerItem<AllergyFields>>,
    pub(super) vitals: Vec<AnswerItem<VitalSignFields>>,
    pub(super) labs: Vec<AnswerItem<LabResultFields>>,
    pub(super) procedures: Vec<AnswerItem<ProcedureFields>>,
    pub(super) imaging: Vec<AnswerItem<ImagingStudyFields>>,
    pub(super) timeline: Vec<AnswerItem<TimelineEventFields>>,
    pub(super) follow_ups: Vec<AnswerItem<FollowUpFields>>,
    pub(super) conflicts: Vec<AnswerItem<NoFields>>,
    pub(super) gaps: Vec<AnswerItem<NoFields>>,
}

/// A statement with the fields of its list.
#[derive(Debug, Deserialize)]
pub(super) struct AnswerItem<T> {
    text: String,
    pub(super) assertion: Assertion,
    quotes: Vec<AnswerQuote>,
    #[serde(flatten)]
    pub(super) fields: T,
}

impl<T> AnswerItem<T> {
    pub(super) fn text(&self) -> String {
        sanitise(&self.text, MAX_TEXT_CHARS)
    }

    pub(super) fn quotes(&self) -> Vec<(u32, String)> {
        usable_quotes(&self.quotes)
    }
}

#[derive(Debug, Deserialize)]
struct AnswerQuote {
    page: i64,
    quote: String,
}

/// The page number and the text of each quote that can be looked up.
fn usable_quotes(quotes: &[AnswerQuote]) -> Vec<(u32, String)> {
    quotes
        .iter()
        .take(MAX_QUOTES)
        .filter(|quote| quote.quote.chars().count() <= MAX_QUOTE_CHARS)
        .filter_map(|quote| Some((u32::try_from(quote.page).ok()?, sanitise(&quote.quote, MAX_QUOTE_CHARS))))
        .filter(|(_, quote)| quote.chars().any(char::is_alphanumeric))
        .collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct PatientFields {
    pub(super) name: Option<String>,
    pub(super) birth_date: Option<String>,
    pub(super) sex: Option<String>,
    pub(super) medical_record_number: Option<String>,
    quotes: Vec<AnswerQuote>,
}

impl PatientFields {
    pub(super) fn quotes(&self) -> Vec<(u32, String)> {
        usable_quotes(&self.quotes)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ProblemFields {
    pub(super) name: String,
    pub(super) status: ClinicalStatus,
}

#[derive(Debug, Deserialize)]
pub(super) struct SignSymptomFields {
    pub(super) name: String,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MedicationFields {
    pub(super) name: String,
    pub(super) dose: Option<String>,
    pub(super) route: Option<String>,
    pub(super) frequency: Option<String>,
    pub(super) status: ClinicalStatus,
}

#[derive(Debug, Deserialize)]
pub(super) struct AllergyFields {
    pub(super) substance: String,
    pub(super) reaction: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct VitalSignFields {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) unit: Option<String>,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LabResultFields {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) unit: Option<String>,
    pub(super) reference_range: Option<String>,
    pub(super) flag: Option<LabFlag>,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProcedureFields {
    pub(super) name: String,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ImagingStudyFields {
    pub(super) study: String,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TimelineEventFields {
    pub(super) date: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct FollowUpFields {
    pub(super) due: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct NoFields {}

/// A sanitised field.
pub(super) fn field(text: &str) -> String {
    sanitise(text, MAX_FIELD_CHARS)
}

/// A sanitised optional field; none if it is empty.
pub(super) fn optional_field(text: Option<&str>) -> Option<String> {
    text.map(field).filter(|text| !text.is_empty())
}

static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    // HTML elements and comments, and Markdown links and images, whose label is kept.
    Regex::new(r"(?s)<!--.*?-->|<[!/?]?[A-Za-z][^<>]*>|!?\[(?P<label>[^\]\[]*)\]\([^()\s]*\)")
        .expect("a fixed pattern")
});

/// The text without markup and control characters, with single spaces, cut at `max_chars`.
fn sanitise(text: &str, max_chars: usize) -> String {
    let mut bare = text.to_owned();
    // The rest may be markup again: "<<b>script>".
    for _ in 0..8 {
        let next = MARKUP.replace_all(&bare, "${label}").into_owned();
        if next == bare {
            break;
        }
        bare = next;
    }
    if MARKUP.is_match(&bare) {
        bare = bare.replace(['<', '>', '['], " ");
    }
    let mut plain = String::new();
    let visible = bare.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_invisible(*c));
    for c in visible.take(max_chars.saturating_mul(2)) {
        if c != ' ' || !(plain.is_empty() || plain.ends_with(' ')) {
            plain.push(c);
        }
    }
    let end = plain.char_indices().nth(max_chars).map_or(plain.len(), |(at, _)| at);
    plain.truncate(end);
    plain.truncate(plain.trim_end().len());
    plain
}

/// Control characters, and Unicode's bidirectional and zero-width characters, which reorder or hide text.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_removed() {
        for (text, expected) in [
            ("Take <b>500 mg</b>", "Take 500 mg"),
            ("<script>alert(1)</script>x", "alert(1)x"),
            ("<<b>script>x", "x"),
            ("see [here](https://example.org/?q=1) now", "see here now"),
            ("![](https://example.org/p.png)pixel", "pixel"),
            ("platelets <10 and >5", "platelets <10 and >5"),
            ("one\u{0}\u{7}two\u{202e}three\u{200b}\n\tfour", "onetwothree four"),
        ] {
            assert_eq!(sanitise(text, 100), expected, "{text:?}");
        }
    }

    #[test]
    fn text_is_cut_at_its_limit() {
        assert_eq!(sanitise(&"é".repeat(500), 10).chars().count(), 10);
    }
}
