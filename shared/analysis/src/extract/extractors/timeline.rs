//! Dated events: sentences with a date, encounters, procedures and imaging studies.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, Citation, Statement, TimelineEvent};
use regex::Regex;
use time::Date;

use super::{imaging::ExtractedStudy, procedures::ExtractedProcedure};
use crate::{
    extract::{
        input::{
            dates::find_dates,
            page_head::{MAX_TITLE_LINES, is_page_title},
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedRecord,
        },
        statements::{cite, cite_page_once, unverified},
    },
    text::truncate_at_word,
};

const MAX_TEXT_BYTES: usize = 280;

static NOT_EVENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:dob|d\.o\.b|date\s+of\s+birth|birth\s*date|born|print(?:ed)?|fax(?:ed)?|expires?|mrn|page\s+\d|electronically\s+signed|signed\s+by|phone|lot\s*#?|insurance|account)\b|^.{0,40}\b(?:MD|DO|RN|NP|PA-C)\b.{0,60}$").expect("a fixed pattern")
});
static ENCOUNTER_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:visit|note|report|admission|admitted|discharge[d]?|consult\w*|encounter|emergency|surgery|operation|procedure|evaluation|letter|seen|date\s+of\s+(?:service|visit))\b").expect("a fixed pattern")
});

/// The name of a facility at the head of a page, which is not its title.
static FACILITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:department|hospital|clinic|center|centre|medicine|associates|physicians|institute)\b|\blaboratory\W*$").expect("a fixed pattern")
});

/// The timeline while it grows: one event for each date and wording.
#[derive(Default)]
struct TimelineBuilder(Vec<(EventKey, TimelineEvent)>);

#[derive(PartialEq, Eq)]
struct EventKey {
    date: Date,
    /// The text without case and punctuation.
    folded_text: String,
}

impl TimelineBuilder {
    fn add(&mut self, date: Date, text: String, citations: Vec<Citation>) {
        let folded_text = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let key = EventKey { date, folded_text };
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, event)) => {
                for citation in citations {
                    cite_page_once(&mut event.statement.citations, citation);
                }
            }
            None => {
                let statement = unverified(text, Assertion::Present, citations);
                self.0.push((key, TimelineEvent { statement, date }));
            }
        }
    }

    /// Adds an event, unless one of the same date quotes the same words.
    fn add_unless_quoted(&mut self, date: Date, text: String, statement: &Statement) {
        let is_quoted = self.0.iter().filter(|(key, _)| key.date == date).any(|(_, event)| {
            event.statement.citations.iter().any(|known| {
                statement.citations.iter().any(|new| {
                    known.page == new.page
                        && known.document == new.document
                        && (known.quote.contains(&new.quote) || new.quote.contains(&known.quote))
                })
            })
        });
        if !is_quoted {
            self.add(date, text, statement.citations.clone());
        }
    }
}

/// All events, oldest first.
pub(crate) fn extract_timeline(
    record: &SegmentedRecord<'_>,
    studies: &[ExtractedStudy],
    procedures: &[ExtractedProcedure],
) -> Vec<TimelineEvent> {
    let mut timeline = TimelineBuilder::default();
    for passage in record.passages.iter().filter(|passage| may_be_event(passage)) {
        let dates = find_dates(&passage.text);
        let Some(first) = dates.first() else { continue };
        let is_planned = passage.encounter_date.is_some_and(|today| first.date > today)
            && matches!(passage.section, Section::Plan | Section::Assessment);
        if !is_planned {
            let citation = passage.cite_with_context(record.pages, &first.range);
            timeline.add(first.date, shorten(&passage.text), vec![citation]);
        }
    }
    add_encounters(record, &mut timeline);
    for ExtractedProcedure { procedure, .. } in procedures {
        if let Some(date) = procedure.date {
            timeline.add_unless_quoted(date, procedure.name.clone(), &procedure.statement);
        }
    }
    for ExtractedStudy { study, .. } in studies {
        if let Some(date) = study.date {
            timeline.add_unless_quoted(date, shorten(&study.statement.text), &study.statement);
        }
    }
    let mut events: Vec<TimelineEvent> = timeline.0.into_iter().map(|(_, event)| event).collect();
    events.sort_by_key(|event| event.date);
    events
}

fn shorten(text: &str) -> String {
    truncate_at_word(text, MAX_TEXT_BYTES)
}

fn may_be_event(passage: &Passage) -> bool {
    let text = &passage.text;
    let has_enough_words = if passage.section == Section::Preamble {
        count_words(text) >= 5 && ENCOUNTER_WORD.is_match(text) && !is_page_title(text)
    } else {
        count_words(text) >= 4
    };
    passage.section.is_searched_for(SearchTarget::Event) && has_enough_words && !NOT_EVENT.is_match(text)
}

/// The encounters: the title of each dated page, such as "Discharge summary".
fn add_encounters(record: &SegmentedRecord<'_>, timeline: &mut TimelineBuilder) {
    let mut last_page = None;
    for (at, passage) in record.passages.iter().enumerate() {
        if last_page == Some(passage.page) {
            continue;
        }
        last_page = Some(passage.page);
        let Some(date) = passage.encounter_date else { continue };
        let page = || record.passages[at..].iter().take_while(|other| other.page == passage.page);
        let title = page()
            .take(MAX_TITLE_LINES)
            .find(|line| is_page_title(&line.text) && !FACILITY.is_match(&line.text));
        let dated = page().take(16).find_map(|line| {
            let found = find_dates(&line.text).into_iter().find(|found| found.date == date)?;
            Some((line, found.range))
        });
        if let (Some(title), Some((line, range))) = (title, dated) {
            let name = find_dates(&title.text).first().map_or(title.text.len(), |date| date.range.start);
            let name = title.text[..name].trim_matches(|c: char| !c.is_alphanumeric());
            let mut citations = vec![title.cite(record.pages, &title.range())];
            cite(&mut citations, line.cite(record.pages, &range));
            timeline.add(date, shorten(name), citations);
        }
    }
}

/// The number of words of at least two letters. A row of dates has none.
fn count_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2).count()
}
