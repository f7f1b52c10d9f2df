//! The encounters of a record: its visits, stays, reports and letters, each with its pages, kind, author and day.

use std::sync::LazyLock;

use maneiro_api::analysis::Encounter;
use regex::Regex;

use crate::{
    dates::find_date_ranges,
    extract::input::{
        page_head::{FACILITY, MAX_TITLE_LINES, is_page_title},
        passage::Passage,
        sections::is_all_caps_title,
        segmentation::SegmentedPage,
    },
};

/// Passages at the head of an encounter among which its author is.
const MAX_HEAD_PASSAGES: usize = 16;
const MAX_KIND_WORDS: usize = 8;

/// The encounters while pages are added.
#[derive(Default)]
pub(crate) struct EncounterBuilder(Vec<Encounter>);

impl EncounterBuilder {
    /// Adds a page: to the last encounter, or as the first page of others.
    pub(crate) fn add_page(&mut self, page: &SegmentedPage<'_>) {
        let number = page.source.page.number;
        for (at, passage) in page.passages.iter().enumerate() {
            if passage.starts_encounter {
                let passages = &page.passages[at..];
                let end = passages.iter().skip(1).position(|passage| passage.starts_encounter);
                let passages = &passages[..end.map_or(passages.len(), |end| end + 1)];
                self.0.push(Encounter {
                    document: page.source.document,
                    first_page: number,
                    last_page: number,
                    kind: kind(passages),
                    author: passages.iter().take(MAX_HEAD_PASSAGES).find_map(author),
                    facility: None,
                    date: passage.encounter_date,
                });
            }
        }
        let has_words = !page.passages.is_empty();
        if let Some(last) =
            self.0.last_mut().filter(|last| has_words && last.document == page.source.document)
        {
            last.last_page = number;
            // A note is signed at its end.
            if last.author.is_none() {
                last.author = page.passages.iter().rev().take(MAX_HEAD_PASSAGES).find_map(author);
            }
        }
    }

    /// All encounters, in the order of the record.
    pub(crate) fn into_encounters(self) -> Vec<Encounter> {
        self.0
    }
}

/// The title without its date and what follows: "Discharge summary".
fn kind(passages: &[Passage]) -> String {
    passages
        .iter()
        .take(MAX_TITLE_LINES)
        .filter(|passage| passage.cells.is_empty() && passage.list_marker.is_none() && !passage.is_table_head)
        .map(|passage| passage.text.as_str())
        .find(|text| is_page_title(text) && !FACILITY.is_match(text) || is_all_caps_title(text))
        .map(|text| {
            let end = find_date_ranges(text).next().map_or(text.len(), |date| date.start);
            let title = text[..end].trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
            title.split_whitespace().take(MAX_KIND_WORDS).collect::<Vec<_>>().join(" ")
        })
        .unwrap_or_default()
}

/// The author that a line names.
fn author(passage: &Passage) -> Option<String> {
    static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)\b(?i:author|provider|attending(?:\s+physician)?|seen\s+by|(?:electronically\s+)?signed\s+by|dictated\s+by|clinician
            |radiologist|surgeon|(?:rendering|treating|consulting)\s+(?:provider|physician)|physician|written\s+by|m[ée]dico)\s*[:\-–]?\s*
            (?P<name>(?:Dra?\.?\s+)?[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){1,3}(?:,\s*(?:MD|M\.D\.|DO|D\.O\.|NP|RN|PA-C|PhD|APRN|FNP|CRNP)\b)?)",
        )
        .expect("a fixed pattern")
    });
    static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?P<name>(?:Dr\.?\s+)?[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){1,3},\s*(?:MD|M\.D\.|DO|D\.O\.|NP|PA-C|APRN|FNP|CRNP))\b")
            .expect("a fixed pattern")
    });
    let found = LABELLED.captures(&passage.text).or_else(|| SIGNED.captures(&passage.text))?;
    Some(found["name"].trim_end_matches([' ', '.']).to_owned())
}
