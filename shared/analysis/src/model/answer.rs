//! An answer in the form of the schema, sanitised: plain text of limited length.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, ClinicalStatus, ExpectedTopic, LabFlag, ObservationKind};
use regex::Regex;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

const MAX_TEXT_CHARS: usize = 1_000;
/// Longest field of a statement, such as a name or a dose.
const MAX_FIELD_CHARS: usize = 200;
/// A longer quote is discarded: it proves nothing in particular.
const MAX_QUOTE_CHARS: usize = 2_000;
/// A shorter quote is discarded: it stands on most pages.
const MIN_QUOTE_CHARS: usize = 4;
/// Quotes of one statement; more are discarded.
const MAX_QUOTES: usize = 20;
/// Statements of one list in one answer; more are discarded.
pub(super) const MAX_ITEMS: usize = 500;

/// The answer about some pages. What was cut off is missing.
#[derive(Debug, Deserialize)]
pub(super) struct ModelAnswer {
    pub(super) patient: PatientFields,
    #[serde(default)]
    pub(super) encounters: AnswerList<EncounterFields>,
    #[serde(default)]
    pub(super) problems: AnswerList<ProblemFields>,
    #[serde(default)]
    pub(super) signs_symptoms: AnswerList<SignSymptomFields>,
    #[serde(default)]
    pub(super) medications: AnswerList<MedicationFields>,
    #[serde(default)]
    pub(super) allergies: AnswerList<AllergyFields>,
    #[serde(default)]
    pub(super) vitals: AnswerList<VitalSignFields>,
    #[serde(default)]
    pub(super) labs: AnswerList<LabResultFields>,
    #[serde(default)]
    pub(super) procedures: AnswerList<ProcedureFields>,
    #[serde(default)]
    pub(super) imaging: AnswerList<ImagingStudyFields>,
    #[serde(default)]
    pub(super) observations: AnswerList<ObservationFields>,
    #[serde(default)]
    pub(super) timeline: AnswerList<TimelineEventFields>,
    #[serde(default)]
    pub(super) follow_ups: AnswerList<FollowUpFields>,
    #[serde(default)]
    pub(super) conflicts: AnswerList<NoFields>,
    #[serde(default)]
    pub(super) gaps: AnswerList<NoFields>,
    #[serde(default)]
    pub(super) not_stated: Vec<ExpectedTopic>,
}

/// The answer to a comparison.
#[derive(Debug, Deserialize)]
pub(super) struct ComparisonAnswer {
    pub(super) conflicts: AnswerList<NoFields>,
    pub(super) gaps: AnswerList<NoFields>,
}

/// The items of a list that match the schema, and the number of those that do not.
#[derive(Debug)]
pub(super) struct AnswerList<T> {
    pub(super) items: Vec<AnswerItem<T>>,
    pub(super) malformed: u32,
}

impl<T> Default for AnswerList<T> {
    fn default() -> Self {
        Self { items: Vec::new(), malformed: 0 }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for AnswerList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Self::default();
        for value in Vec::<Value>::deserialize(deserializer)? {
            match serde_json::from_value(value) {
                Ok(item) => list.items.push(item),
                Err(_) => list.malformed += 1,
            }
        }
        Ok(list)
    }
}

/// An answer as far as it goes, and whether it was cut off: what is whole of an answer that ends in the middle is used.
pub(super) fn parse_answer<T: DeserializeOwned>(content: &str) -> Option<(T, bool)> {
    if let Ok(answer) = serde_json::from_str(content) {
        return Some((answer, false));
    }
    let whole = close_after_last_item(content)?;
    Some((serde_json::from_str(&whole).ok()?, true))
}

/// A JSON object of lists that ends in the middle, closed after the last whole item.
fn close_after_last_item(content: &str) -> Option<String> {
    let (mut depth, mut in_string, mut is_escaped) = (0_u32, false, false);
    let mut end = None;
    for (at, c) in content.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                match depth {
                    1 => end = Some((at + 1, "}")),
                    2 if c == '}' => end = Some((at + 1, "]}")),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    end.map(|(end, closing)| format!("{}{closing}", &content[..end]))
}

/// A statement with the fields of its list. Measurements have no sentence, and not everything has an assertion.
#[derive(Debug, Deserialize)]
pub(super) struct AnswerItem<T> {
    #[serde(default)]
    text: String,
    #[serde(default)]
    pub(super) assertion: Option<Assertion>,
    quotes: Vec<AnswerQuote>,
    #[serde(flatten)]
    pub(super) fields: T,
}

impl<T> AnswerItem<T> {
    pub(super) fn text(&self) -> String {
        sanitise(&self.text, MAX_TEXT_CHARS)
    }

    pub(super) fn assertion(&self) -> Assertion {
        self.assertion.unwrap_or(Assertion::Present)
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

/// The page number and the text of each quote that can be looked up. Two or three characters prove nothing.
fn usable_quotes(quotes: &[AnswerQuote]) -> Vec<(u32, String)> {
    quotes
        .iter()
        .take(MAX_QUOTES)
        .filter(|quote| quote.quote.chars().count() <= MAX_QUOTE_CHARS)
        .filter_map(|quote| Some((u32::try_from(quote.page).ok()?, sanitise(&quote.quote, MAX_QUOTE_CHARS))))
        .filter(|(_, quote)| {
            quote.chars().count() >= MIN_QUOTE_CHARS && quote.chars().any(char::is_alphanumeric)
        })
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
pub(super) struct EncounterFields {
    pub(super) first_page: u32,
    pub(super) last_page: u32,
    pub(super) kind: String,
    pub(super) author: Option<String>,
    pub(super) facility: Option<String>,
    pub(super) date: Option<String>,
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
    pub(super) status: AnswerMedicationStatus,
    #[serde(default)]
    pub(super) start: Option<String>,
    #[serde(default)]
    pub(super) stop: Option<String>,
    #[serde(default)]
    pub(super) indication: Option<String>,
}

/// The status of a medication in an answer.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AnswerMedicationStatus {
    Active,
    Planned,
    Held,
    #[serde(alias = "past")]
    Stopped,
    Cancelled,
    Completed,
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
    #[serde(default)]
    pub(super) value_as_read: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LabResultFields {
    pub(super) name: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) value_as_read: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) reference_range: Option<String>,
    pub(super) flag: Option<LabFlag>,
    pub(super) date: Option<String>,
}

/// Whether a procedure or study was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DoneStatus {
    #[default]
    Completed,
    Planned,
    Cancelled,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProcedureFields {
    pub(super) name: String,
    #[serde(default)]
    pub(super) status: DoneStatus,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ImagingStudyFields {
    pub(super) study: String,
    #[serde(default)]
    pub(super) status: DoneStatus,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ObservationFields {
    pub(super) kind: ObservationKind,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TimelineEventFields {
    pub(super) date: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct FollowUpFields {
    pub(super) due: Option<String>,
    #[serde(default)]
    pub(super) due_date: Option<String>,
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
    fn answer_that_is_cut_off_has_its_whole_items() {
        let whole = r#"{"patient": {"quotes": [], "name": "A \\\" }]"}, "problems": [{"text": "x"}, {"text": "y"}], "labs": []}"#;
        assert_eq!(
            close_after_last_item(&whole[..whole.find("\"y\"").unwrap()]).unwrap(),
            format!("{}]}}", &whole[..whole.find(", {\"text\": \"y").unwrap()])
        );
        assert_eq!(close_after_last_item(r#"{"patient": {"name": "A"#), None);
    }

    #[test]
    fn text_is_cut_at_its_limit() {
        assert_eq!(sanitise(&"é".repeat(500), 10).chars().count(), 10);
    }
}
