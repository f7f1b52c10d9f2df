//! Dated events: sentences with a date, encounters, procedures and imaging studies.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::LazyLock,
};

use maneiro_api::analysis::{Assertion, Citation, Statement, TimelineEvent};
use regex::Regex;
use time::Date;

use super::{
    code_status::{CodeStatusPeriod, is_limited},
    imaging::ExtractedStudy,
    procedures::ExtractedProcedure,
};
use crate::{
    dates::find_date_ranges,
    extract::{
        input::{
            page_head::{FACILITY, MAX_TITLE_LINES, is_page_title},
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
        statements::{PageKey, cite, cite_page_once, unverified},
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

/// The line of a note's head that only dates it.
static DATE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:date\s+of\s+(?:service|visit|consultation|exam\w*|admission|discharge)|(?:visit|exam|service|admission|discharge)\s+date)\b")
        .expect("a fixed pattern")
});
/// What a title does not need: the number of its item, and the label of its day.
static NOT_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*\d{1,2}[.,)]\s+|[\s,;|-]*\b(?:exam|study|service|visit)\s+date\s*:.*$")
        .expect("a fixed pattern")
});

/// The timeline while it grows: one event for each date and wording.
#[derive(Default)]
pub(crate) struct TimelineBuilder {
    events: Vec<TimelineEvent>,
    /// Positions of the events.
    by_key: HashMap<EventKey, usize>,
    /// The quotes of the events of a date by page.
    quotes: HashMap<(Date, PageKey), Vec<String>>,
}

#[derive(PartialEq, Eq, Hash)]
struct EventKey {
    date: Date,
    /// The text without case and punctuation.
    folded_text: String,
}

impl TimelineBuilder {
    fn add(&mut self, date: Date, text: String, citations: Vec<Citation>) {
        let folded_text = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let key = EventKey { date, folded_text };
        for citation in &citations {
            let quotes = self.quotes.entry((date, (citation.document, citation.page))).or_default();
            quotes.push(citation.quote.clone());
        }
        match self.by_key.entry(key) {
            Entry::Occupied(known) => {
                for citation in &citations {
                    cite_page_once(&mut self.events[*known.get()].statement.citations, citation);
                }
            }
            Entry::Vacant(new) => {
                new.insert(self.events.len());
                let statement = unverified(text, Assertion::Present, citations);
                self.events.push(TimelineEvent { statement, date, date_text: None });
            }
        }
    }

    /// Adds an event, unless one of the same date quotes the same words.
    fn add_unless_quoted(&mut self, date: Date, text: String, statement: &Statement) {
        let is_quoted = statement.citations.iter().any(|new| {
            let known = self.quotes.get(&(date, (new.document, new.page)));
            known.into_iter().flatten().any(|quote| quote.contains(&new.quote) || new.quote.contains(quote))
        });
        if !is_quoted {
            self.add(date, text, statement.citations.clone());
        }
    }

    /// Adds the events of a page: its encounter, and sentences with a date.
    pub(crate) fn add_page(&mut self, page: &SegmentedPage<'_>) {
        self.add_encounter(page);
        for passage in page.passages.iter().filter(|passage| may_be_event(passage)) {
            let dates = passage.dates();
            let Some(first) = dates.first() else { continue };
            let is_planned = passage.encounter_date.is_some_and(|today| first.date > today)
                && matches!(passage.section, Section::Plan | Section::Assessment);
            if !is_planned {
                let citation = passage.cite_with_context(page.source, &first.range);
                self.add(first.date, shorten(&passage.text), vec![citation]);
            }
        }
    }

    /// Adds the encounter that a dated page documents under its title, such as "Discharge summary".
    fn add_encounter(&mut self, page: &SegmentedPage<'_>) {
        let Some(date) = page.passages.first().and_then(|passage| passage.encounter_date) else { return };
        let title = page
            .passages
            .iter()
            .take(MAX_TITLE_LINES)
            .find(|line| is_page_title(&line.text) && !FACILITY.is_match(&line.text));
        let dated = page.passages.iter().take(16).find_map(|line| {
            let found = line.dates().into_iter().find(|found| found.date == date)?;
            Some((line, found.range))
        });
        if let (Some(title), Some((line, range))) = (title, dated) {
            let name = find_date_ranges(&title.text).next().map_or(title.text.len(), |date| date.start);
            let name = title.text[..name].trim_matches(|c: char| !c.is_alphanumeric());
            let mut citations = vec![title.cite(page.source, &title.range())];
            cite(&mut citations, &line.cite(page.source, &range));
            self.add(date, shorten(name), citations);
        }
    }

    /// All events with the dated procedures, studies and changes of the code status, oldest first.
    pub(crate) fn into_events(
        mut self,
        studies: &[ExtractedStudy],
        procedures: &[ExtractedProcedure],
        code_statuses: Vec<CodeStatusPeriod>,
    ) -> Vec<TimelineEvent> {
        for period in code_statuses {
            let text = format!("{CODE_STATUS_LABEL}{}", period.status);
            if let Some(date) = period.date {
                for citation in period.citations {
                    self.add(date, text.clone(), vec![citation]);
                }
            }
        }
        for ExtractedProcedure { procedure, .. } in procedures {
            let is_done = matches!(procedure.statement.assertion, Assertion::Present | Assertion::Historical);
            if let Some(date) = procedure.date.filter(|_| is_done) {
                self.add_unless_quoted(date, procedure.name.clone(), &procedure.statement);
            }
        }
        for ExtractedStudy { study, .. } in studies {
            let is_done = study.statement.assertion == Assertion::Present;
            if let Some(date) = study.date.filter(|_| is_done) {
                self.add_unless_quoted(date, shorten(&study.statement.text), &study.statement);
            }
        }
        self.events.sort_by_key(|event| event.date);
        self.events
    }
}

const CODE_STATUS_LABEL: &str = "Code status: ";

/// Whether the code status that an event states limits treatment; none if it states no code status.
pub(crate) fn is_limited_code_status(event: &str) -> Option<bool> {
    event.strip_prefix(CODE_STATUS_LABEL).map(is_limited)
}

fn shorten(text: &str) -> String {
    truncate_at_word(&NOT_TITLE.replace_all(text, ""), MAX_TEXT_BYTES)
}

fn may_be_event(passage: &Passage) -> bool {
    let text = &passage.text;
    let has_enough_words = if passage.section == Section::Preamble {
        count_words(text) >= 5 && ENCOUNTER_WORD.is_match(text) && !is_page_title(text)
    } else {
        count_words(text) >= 4
    };
    !passage.is_head
        && !DATE_LABEL.is_match(text)
        && passage.section.is_searched_for(SearchTarget::Event)
        && has_enough_words
        && !NOT_EVENT.is_match(text)
}

/// The number of words of at least two letters. A row of dates has none.
fn count_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2).count()
}
