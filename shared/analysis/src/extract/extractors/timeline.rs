//! What happened on which day.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, TimelineEvent};
use regex::Regex;

use crate::extract::{
    Reading, extractors::imaging, extractors::procedures, input::dates, input::sections::Section,
    input::segmentation, statements,
};

/// Longest text of an event, in bytes.
const LONGEST: usize = 280;

static NOT_EVENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:dob|d\.o\.b|date\s+of\s+birth|birth\s*date|born|print(?:ed)?|fax(?:ed)?|expires?|mrn|page\s+\d|electronically\s+signed|signed\s+by|phone|lot\s*#?|insurance|account)\b|^.{0,40}\b(?:MD|DO|RN|NP|PA-C)\b.{0,60}$").expect("a fixed pattern")
});
static ENCOUNTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:visit|note|report|admission|admitted|discharge[d]?|consult\w*|encounter|emergency|surgery|operation|procedure|evaluation|letter|seen|date\s+of\s+(?:service|visit))\b").expect("a fixed pattern")
});

/// Names of the house that a page comes from; they are not what it is.
static HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:department|hospital|clinic|center|centre|medicine|associates|physicians|institute)\b|\blaboratory\W*$").expect("a fixed pattern")
});

/// Dated events, oldest first, one per day and wording.
pub(crate) fn timeline(
    reading: &Reading<'_>,
    studies: &[imaging::Found],
    procedures: &[procedures::Found],
) -> Vec<TimelineEvent> {
    let mut events: Vec<((time::Date, String), TimelineEvent)> = Vec::new();
    for passage in &reading.passages {
        let text = &passage.text;
        let told = match passage.section {
            Section::Furniture
            | Section::Vitals
            | Section::Labs
            | Section::Medications
            | Section::Stopped
            | Section::Family
            | Section::Immunizations
            | Section::FollowUp
            | Section::Allergies
            | Section::Ros => false,
            Section::Top => {
                told_words(text) >= 5 && ENCOUNTER.is_match(text) && !segmentation::is_page_title(text)
            }
            Section::Chief
            | Section::Reason
            | Section::Hpi
            | Section::Pmh
            | Section::Resolved
            | Section::Psh
            | Section::Social
            | Section::Exam
            | Section::Imaging
            | Section::Findings
            | Section::Impression
            | Section::Procedures
            | Section::OpNote
            | Section::Assessment
            | Section::Plan
            | Section::Other => told_words(text) >= 4,
        };
        if !told || NOT_EVENT.is_match(text) {
            continue;
        }
        let found = dates::find(text);
        let Some(first) = found.first() else { continue };
        // What is planned for a day has not happened on it.
        let planned = passage.date.is_some_and(|today| first.date > today)
            && matches!(passage.section, Section::Plan | Section::Assessment);
        if planned {
            continue;
        }
        let citation = passage.cite_around(reading.pages, &first.range);
        push(&mut events, first.date, shortened(text), vec![citation]);
    }
    encounters(reading, &mut events);
    for found in procedures {
        if let Some(date) = found.procedure.date {
            let statement = &found.procedure.statement;
            if !cited(&events, date, statement) {
                push(&mut events, date, found.procedure.name.clone(), statement.citations.clone());
            }
        }
    }
    for found in studies {
        if let Some(date) = found.imaging.date {
            let statement = &found.imaging.statement;
            if !cited(&events, date, statement) {
                push(&mut events, date, shortened(&statement.text), statement.citations.clone());
            }
        }
    }
    let mut events: Vec<TimelineEvent> = events.into_iter().map(|(_, event)| event).collect();
    events.sort_by_key(|event| event.date);
    events
}

/// What each dated page is, on its day: "Discharge summary".
fn encounters(reading: &Reading<'_>, events: &mut Vec<((time::Date, String), TimelineEvent)>) {
    let mut seen = None;
    for (at, passage) in reading.passages.iter().enumerate() {
        if seen == Some(passage.page) {
            continue;
        }
        seen = Some(passage.page);
        let Some(date) = passage.date else { continue };
        let page = || reading.passages[at..].iter().take_while(|other| other.page == passage.page);
        let title = page()
            .take(segmentation::TITLE_LINES)
            .find(|line| segmentation::is_page_title(&line.text) && !HOUSE.is_match(&line.text));
        let dated = page().take(16).find_map(|line| {
            let found = dates::find(&line.text).into_iter().find(|found| found.date == date)?;
            Some((line, found.range))
        });
        if let (Some(title), Some((line, range))) = (title, dated) {
            let name = dates::find(&title.text).first().map_or(title.text.len(), |found| found.range.start);
            let name = title.text[..name].trim_matches(|c: char| !c.is_alphanumeric());
            let mut citations = vec![title.cite(reading.pages, &title.all())];
            statements::cite_both(&mut citations, line.cite(reading.pages, &range));
            push(events, date, shortened(name), citations);
        }
    }
}

/// Words that are letters: a row of dates tells nothing.
fn told_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2).count()
}

/// Whether the same words already tell an event of the day.
fn cited(
    events: &[((time::Date, String), TimelineEvent)],
    date: time::Date,
    statement: &maneiro_api::analysis::Statement,
) -> bool {
    events.iter().filter(|((day, _), _)| *day == date).any(|(_, event)| {
        event.statement.citations.iter().any(|known| {
            statement.citations.iter().any(|new| {
                known.page == new.page
                    && known.document == new.document
                    && (known.quote.contains(&new.quote) || new.quote.contains(&known.quote))
            })
        })
    })
}

fn push(
    events: &mut Vec<((time::Date, String), TimelineEvent)>,
    date: time::Date,
    text: String,
    citations: Vec<maneiro_api::analysis::Citation>,
) {
    let folded: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let key = (date, folded);
    if let Some((_, event)) = events.iter_mut().find(|(known, _)| *known == key) {
        for citation in citations {
            statements::cite(&mut event.statement.citations, citation);
        }
        return;
    }
    let statement = statements::statement(text, Assertion::Present, citations);
    events.push((key, TimelineEvent { statement, date }));
}

/// The text, cut at a word where it is long.
pub(crate) fn shortened(text: &str) -> String {
    let text = text.trim();
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut end = LONGEST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind(' ').unwrap_or(end);
    format!("{} …", text[..end].trim_end())
}
