//! An answer as the schema asks for it, and what is kept of it: bounded, plain text.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, ClinicalStatus, LabFlag};
use regex::Regex;
use serde::Deserialize;

/// Longest text of a statement, in characters.
const MAX_TEXT: usize = 1_000;
/// Longest field of a statement, such as a name or a dose.
const MAX_FIELD: usize = 200;
/// Longest quote. A longer one is no proof, it is a page.
const MAX_QUOTE: usize = 2_000;
/// Most quotes of one statement.
const MAX_QUOTES: usize = 20;
/// Most statements of one list in one answer.
pub(super) const MAX_ITEMS: usize = 500;

/// One answer.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) patient: Patient,
    pub(super) problems: Vec<Item<Problem>>,
    pub(super) medications: Vec<Item<Medication>>,
    pub(super) allergies: Vec<Item<Allergy>>,
    pub(super) vitals: Vec<Item<Vital>>,
    pub(super) labs: Vec<Item<Lab>>,
    pub(super) procedures: Vec<Item<Procedure>>,
    pub(super) imaging: Vec<Item<Imaging>>,
    pub(super) timeline: Vec<Item<Event>>,
    pub(super) follow_ups: Vec<Item<FollowUp>>,
    pub(super) conflicts: Vec<Item<Nothing>>,
    pub(super) gaps: Vec<Item<Nothing>>,
}

/// A statement with the fields of its list.
#[derive(Debug, Deserialize)]
pub(super) struct Item<T> {
    text: String,
    pub(super) assertion: Assertion,
    quotes: Vec<Quote>,
    #[serde(flatten)]
    pub(super) fields: T,
}

impl<T> Item<T> {
    pub(super) fn text(&self) -> String {
        plain(&self.text, MAX_TEXT)
    }

    pub(super) fn quotes(&self) -> Vec<(u32, String)> {
        usable(&self.quotes)
    }
}

#[derive(Debug, Deserialize)]
struct Quote {
    page: i64,
    quote: String,
}

fn usable(quotes: &[Quote]) -> Vec<(u32, String)> {
    quotes
        .iter()
        .take(MAX_QUOTES)
        .filter(|quote| quote.quote.chars().count() <= MAX_QUOTE)
        .filter_map(|quote| Some((u32::try_from(quote.page).ok()?, plain(&quote.quote, MAX_QUOTE))))
        .filter(|(_, quote)| quote.chars().any(char::is_alphanumeric))
        .collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct Patient {
    pub(super) name: Option<String>,
    pub(super) birth_date: Option<String>,
    pub(super) sex: Option<String>,
    pub(super) medical_record_number: Option<String>,
    quotes: Vec<Quote>,
}

impl Patient {
    pub(super) fn quotes(&self) -> Vec<(u32, String)> {
        usable(&self.quotes)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub(super) name: String,
    pub(super) status: ClinicalStatus,
}

#[derive(Debug, Deserialize)]
pub(super) struct Medication {
    pub(super) name: String,
    pub(super) dose: Option<String>,
    pub(super) route: Option<String>,
    pub(super) frequency: Option<String>,
    pub(super) status: ClinicalStatus,
}

#[derive(Debug, Deserialize)]
pub(super) struct Allergy {
    pub(super) substance: String,
    pub(super) reaction: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Vital {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) unit: Option<String>,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Lab {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) unit: Option<String>,
    pub(super) reference_range: Option<String>,
    pub(super) flag: Option<LabFlag>,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Procedure {
    pub(super) name: String,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Imaging {
    pub(super) study: String,
    pub(super) date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) date: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct FollowUp {
    pub(super) due: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// A field, plain and bounded.
pub(super) fn field(text: &str) -> String {
    plain(text, MAX_FIELD)
}

/// A field that may be absent; an empty one is.
pub(super) fn optional(text: Option<&str>) -> Option<String> {
    text.map(field).filter(|text| !text.is_empty())
}

static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    // Elements and comments, and Markdown links and pictures, whose label is kept.
    Regex::new(r"(?s)<!--.*?-->|<[!/?]?[A-Za-z][^<>]*>|!?\[(?P<label>[^\]\[]*)\]\([^()\s]*\)")
        .expect("a fixed pattern")
});

/// Text without markup and control characters, blanks run together, cut at `max` characters.
pub(super) fn plain(text: &str, max: usize) -> String {
    let mut bare = text.to_owned();
    // What one pass leaves may be markup again: "<<b>script>".
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
    let mut kept = String::new();
    let visible = bare.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !hidden(*c));
    for c in visible.take(max.saturating_mul(2)) {
        if c != ' ' || !(kept.is_empty() || kept.ends_with(' ')) {
            kept.push(c);
        }
    }
    let end = kept.char_indices().nth(max).map_or(kept.len(), |(at, _)| at);
    kept.truncate(end);
    kept.truncate(kept.trim_end().len());
    kept
}

/// Controls, and marks that turn or hide what is shown (Unicode's bidirectional and zero-width characters).
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_markup_or_controls_is_kept() {
        for (text, expected) in [
            ("Take <b>500 mg</b>", "Take 500 mg"),
            ("<script>alert(1)</script>x", "alert(1)x"),
            ("<<b>script>x", "x"),
            ("see [here](https://example.org/?q=1) now", "see here now"),
            ("![](https://example.org/p.png)pixel", "pixel"),
            ("platelets <10 and >5", "platelets <10 and >5"),
            ("one\u{0}\u{7}two\u{202e}three\u{200b}\n\tfour", "onetwothree four"),
        ] {
            assert_eq!(plain(text, 100), expected, "{text:?}");
        }
    }

    #[test]
    fn text_is_cut_at_its_bound() {
        assert_eq!(plain(&"é".repeat(500), 10).chars().count(), 10);
    }
}
