//! Surgical and other procedures.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, Procedure, capitalise};
use regex::Regex;
use time::Date;

use crate::{
    dates::{DateMatch, find_date_ranges},
    extract::{
        context::{self, orders::is_ordered},
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
        statements::{cite_page_once, group_by_key, unverified},
    },
    lexicon::{EMPTY_HISTORY_CUES, PROCEDURE_PERFORMED_CUES, PROCEDURE_PERFORMED_IN_PLAN_CUES, PROCEDURES},
};

/// A procedure with what the comparison of orders and results needs.
pub(crate) struct ExtractedProcedure {
    pub(crate) procedure: Procedure,
    /// The same for all names of the procedure.
    pub(crate) key: String,
    /// Last position in the record.
    pub(crate) position: usize,
}

/// A mention of a procedure.
pub(crate) struct ProcedureMention {
    key: String,
    name: String,
    assertion: Assertion,
    date: Option<Date>,
    /// The year as written, for a procedure without a date.
    year: Option<String>,
    position: usize,
    citation: Citation,
}

/// The mentions of a page, in order.
pub(crate) fn find_procedure_mentions(page: &SegmentedPage<'_>) -> Vec<ProcedureMention> {
    let mut mentions = Vec::new();
    for (position, passage) in page.positioned_passages() {
        if passage.section.is_searched_for(SearchTarget::Procedure) {
            find_in_passage(page, passage, position, &mut mentions);
        }
    }
    mentions
}

fn find_in_passage(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    mentions: &mut Vec<ProcedureMention>,
) {
    let text = &passage.text;
    let is_procedure_list = passage.section.is_procedure_list();
    let procedures = PROCEDURES.find(text, &passage.tokens);
    for (at, procedure) in procedures.iter().enumerate() {
        let range = &procedure.range;
        let Some(assertion) = mention_assertion(passage, range) else { continue };
        let from = if at == 0 { 0 } else { procedures[at - 1].range.end };
        let until = procedures.get(at + 1).map_or(text.len(), |next| next.range.start);
        let is_near = |date: &DateMatch| date.range.start >= from && date.range.end <= until;
        let dates = passage.dates();
        let is_report = matches!(passage.section, Section::Procedures | Section::OperativeNote);
        let date = dates
            .iter()
            .find(|date| date.range.start >= range.end && is_near(date))
            .or_else(|| dates.iter().find(|date| is_near(date)))
            .or_else(|| dates.first().filter(|_| dates.len() == 1 && procedures.len() == 1))
            .map(|date| date.date)
            .or(passage.encounter_date.filter(|_| is_report));
        // A date after the encounter is a plan.
        let is_to_come = passage.encounter_date.zip(date).is_some_and(|(today, date)| date > today);
        let assertion =
            if is_to_come && assertion != Assertion::Negated { Assertion::Planned } else { assertion };
        let heads_entry = is_procedure_list && passage.starts_block && range.start <= 24 && at == 0;
        mentions.push(ProcedureMention {
            key: PROCEDURES.entry(procedure.entry).name.to_owned(),
            name: if heads_entry {
                entry_name(text)
            } else {
                name_with_side(text, range.start, &text[range.clone()])
            },
            assertion,
            date,
            year: find_year(&text[range.end..until]),
            position,
            citation: passage.cite_with_context(page.source, range),
        });
    }
    if procedures.is_empty() && passage.section == Section::Psh && passage.starts_block {
        mentions.extend(unlisted_procedure(page, passage, position));
    }
}

/// Whether the procedure was performed, is to be, might be or was not; none if the passage only names it.
fn mention_assertion(passage: &Passage, range: &Range<usize>) -> Option<Assertion> {
    let text = &passage.text;
    let is_procedure_list = passage.section.is_procedure_list();
    let is_plan = matches!(passage.section, Section::Plan | Section::FollowUp);
    let assertion = context::assertion(passage, range);
    match assertion {
        Assertion::Family => None,
        Assertion::Negated | Assertion::Possible | Assertion::Planned => Some(assertion),
        Assertion::Present | Assertion::Historical if is_procedure_list => Some(Assertion::Present),
        Assertion::Present | Assertion::Historical if is_ordered(text, range) => Some(Assertion::Planned),
        Assertion::Present | Assertion::Historical if is_plan => {
            Some(if is_performed_in_plan(passage) { Assertion::Present } else { Assertion::Planned })
        }
        Assertion::Historical => Some(Assertion::Present),
        Assertion::Present => {
            let is_recommended = RECOMMENDED.is_match(&text[..range.start]);
            if is_recommended {
                Some(Assertion::Planned)
            } else {
                (is_performed(passage) || passage.section != Section::Preamble).then_some(Assertion::Present)
            }
        }
    }
}

/// Words before a procedure that is still to come.
static RECOMMENDED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:recommend(?:ed|s|ing)?|advis(?:e|ed)|encourag(?:e|ed)|will|would|plan(?:s|ned)?|going\s+to|refer(?:red|ral)?|schedul(?:e|ed)|start|begin|initiate|proceed\s+with|candidate\s+for)\b[^.;]{0,60}$")
        .expect("a fixed pattern")
});

/// An entry of the surgical history without a listed procedure.
fn unlisted_procedure(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
) -> Option<ProcedureMention> {
    let text = passage.text.trim();
    let end = text.find(['(', ',', ';', ':', '.']).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(|c: char| !c.is_alphabetic());
    let words = name.split_whitespace().count();
    if EMPTY_HISTORY_CUES.is_in(&passage.tokens) || !(1..=8).contains(&words) || name.len() < 5 {
        return None;
    }
    Some(ProcedureMention {
        key: name.to_lowercase(),
        name: capitalise(name),
        assertion: Assertion::Present,
        date: passage.dates().first().map(|found| found.date),
        year: find_year(text),
        position,
        citation: passage.cite_with_context(page.source, &passage.range()),
    })
}

/// The entry of a list up to its first date, bracket or full stop.
fn entry_name(text: &str) -> String {
    let date = find_date_ranges(text).next().map_or(text.len(), |date| date.start);
    let mark = text.find(['(', ';', ':']).unwrap_or(text.len());
    let stop = text.find(". ").unwrap_or(text.len());
    let name = text[..date.min(mark).min(stop)].trim_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = name.split_whitespace().take(16).collect();
    // A year at the end is a date and not part of the name.
    let ends_with_year =
        words.last().is_some_and(|word| word.len() == 4 && word.chars().all(|c| c.is_ascii_digit()));
    let words = if ends_with_year { &words[..words.len() - 1] } else { &words[..] };
    capitalise(words.join(" ").trim_end_matches([',', ' ', '-']))
}

fn is_performed_in_plan(passage: &Passage) -> bool {
    PROCEDURE_PERFORMED_IN_PLAN_CUES.is_in(&passage.tokens)
}

/// Whether a word or a date says that the procedure was performed.
fn is_performed(passage: &Passage) -> bool {
    PROCEDURE_PERFORMED_CUES.is_in(&passage.tokens) || find_date_ranges(&passage.text).next().is_some()
}

/// The first year at the beginning of a text.
fn find_year(text: &str) -> Option<String> {
    let near: String = text.chars().take(24).collect();
    near.split(|c: char| !c.is_ascii_digit())
        .find(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")))
        .map(str::to_owned)
}

/// The name with the side before it, if the text has one.
fn name_with_side(text: &str, start: usize, name: &str) -> String {
    let before = text[..start].split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let side = match before.trim_matches(|c: char| !c.is_alphabetic()) {
        "left" | "lt" => Some("left"),
        "right" | "rt" => Some("right"),
        "bilateral" => Some("bilateral"),
        _ => None,
    };
    capitalise(&side.map_or_else(|| name.to_owned(), |side| format!("{side} {name}")))
}

/// All procedures, one for each name and date.
pub(crate) fn merge_procedures(mentions: Vec<ProcedureMention>) -> Vec<ExtractedProcedure> {
    // A mention without a date joins the first one of the same name that has one.
    let mut first_dates: HashMap<(String, Assertion), Date> = HashMap::new();
    for mention in &mentions {
        if let Some(date) = mention.date {
            first_dates.entry((mention.key.clone(), mention.assertion)).or_insert(date);
        }
    }
    let keyed = mentions.into_iter().map(|mention| {
        let key = (mention.key.clone(), mention.assertion);
        let date = mention.date.or_else(|| first_dates.get(&key).copied());
        ((key, date), (date, mention))
    });
    group_by_key(keyed)
        .into_iter()
        .map(|group| {
            let (date, first) = &group[0];
            let name = group.iter().map(|(_, mention)| &mention.name).max_by_key(|name| name.len());
            let name = name.unwrap_or(&first.name).clone();
            let year = group.iter().find_map(|(_, mention)| mention.year.clone());
            let text = match (date, year) {
                (Some(date), _) => format!("{name}, {date}"),
                (None, Some(year)) => format!("{name}, {year}"),
                (None, None) => name.clone(),
            };
            let text = match first.assertion {
                Assertion::Planned => format!("Planned: {text}"),
                Assertion::Possible => format!("Possible: {text}"),
                Assertion::Negated => format!("Not done: {text}"),
                Assertion::Present | Assertion::Historical | Assertion::Family => text,
            };
            let mut citations = Vec::new();
            for (_, mention) in group.iter().filter(|(_, mention)| mention.date.is_some()).chain(&group) {
                cite_page_once(&mut citations, &mention.citation);
            }
            ExtractedProcedure {
                key: first.key.clone(),
                position: group.iter().map(|(_, mention)| mention.position).max().unwrap_or(0),
                procedure: Procedure {
                    statement: unverified(text, first.assertion, citations),
                    name,
                    date: *date,
                    date_text: None,
                },
            }
        })
        .collect()
}
