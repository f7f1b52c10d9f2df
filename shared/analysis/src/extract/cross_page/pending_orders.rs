//! What was ordered or expected and has no later result.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::Assertion;
use regex::Regex;
use time::Date;

use crate::extract::{
    Dated, Reading, context, extractors::imaging, extractors::labs, extractors::procedures,
    input::sections::Section, statements,
};
use crate::lexicon::{IMAGING, LABS, PROCEDURES};

static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:order(?:ed|ing)?|obtain|check|recheck|repeat(?:ed)?|schedul(?:e|ed|ing)|await(?:ing)?|recommend(?:s|ed|ing)?|will\s+(?:get|have|need|obtain|order|check|repeat|schedule)|sent|send|refer(?:red|ral)?\s+(?:for|to)|needs?|due\s+for|plan(?:ned)?\s+for|plan:?|arrang(?:e|ed|ing)|request(?:ed)?|pending|to\s+(?:get|have|obtain)|advise[ds]?|follow[- ]?up)\b").expect("a fixed pattern")
});
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[^.;]{0,40}?\b(?:(?:was|is|are|were|has\s+been)?\s*(?:ordered|pending|scheduled|recommended|requested|sent|advised|planned|outstanding|awaited|deferred|overdue|due)|\(refer|to\s+be\s+(?:done|scheduled|obtained|performed)|not\s+(?:yet\s+)?(?:done|resulted|available|back|received|on\s+file)|no\s+(?:report|result)s?)\b").expect("a fixed pattern")
});

static OVERDUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:no\s+(?:report|result)s?|not\s+(?:yet\s+)?(?:done|received|on\s+file|back|available)|overdue|outstanding|never\s+(?:done|received))\b").expect("a fixed pattern")
});

/// Whether the sentence asks for the thing at `range`, rather than reports it.
pub(crate) fn ordered(text: &str, range: &Range<usize>) -> bool {
    let before = &text[..range.start];
    let asked = BEFORE.find_iter(before).last().is_some_and(|cue| {
        let between = &before[cue.end()..];
        between.split_whitespace().count() <= 8 && !between.contains([';', ':']) && !between.contains(". ")
    });
    // "Repeat lactate 4.1": a value follows, it was done.
    let mut rest = text[range.end..].trim_start();
    if let Some(bracket) = rest.strip_prefix('(') {
        rest = bracket.split_once(')').map_or(bracket, |(_, rest)| rest.trim_start());
    }
    let value = rest.starts_with(|c: char| c.is_ascii_digit() || c == ':');
    (asked && !value) || AFTER.is_match(&text[range.end..])
}

/// What a request is for.
enum Wanted {
    Lab(&'static str),
    Study(imaging::Study),
    Procedure(&'static str),
}

impl Wanted {
    fn key(&self) -> String {
        match self {
            Self::Lab(name) | Self::Procedure(name) => (*name).to_owned(),
            Self::Study(study) => format!("{} {:?}", study.modality, study.parts),
        }
    }
}

/// The tests of a panel: any one of them answers a request for it.
fn answers(panel: &str, test: &str) -> bool {
    let tests: &[&str] = match panel {
        "CBC" => &["WBC", "hemoglobin", "platelets", "hematocrit"],
        "BMP" | "CMP" => &["sodium", "potassium", "creatinine", "BUN", "glucose"],
        "LFTs" => &["AST", "ALT", "alkaline phosphatase", "total bilirubin"],
        "lipid panel" => &["LDL cholesterol", "HDL cholesterol", "triglycerides", "total cholesterol"],
        "thyroid panel" => &["TSH", "free T4"],
        "coagulation panel" => &["INR", "PT", "PTT"],
        "iron studies" => &["ferritin", "TIBC", "serum iron", "transferrin saturation"],
        "urinalysis" => &["specific gravity", "urine pH", "urine protein"],
        "ABG" => &["pCO2", "pO2"],
        _ => &[],
    };
    panel == test || tests.contains(&test)
}

struct Request {
    wanted: Wanted,
    name: String,
    date: Option<Date>,
    order: usize,
    citation: maneiro_api::analysis::Citation,
}

/// Requests that nothing later in the record answers, one per thing asked for.
pub(crate) fn gaps(
    reading: &Reading<'_>,
    labs: &[labs::Found],
    studies: &[imaging::Found],
    procedures: &[procedures::Found],
) -> Vec<Dated> {
    let open = requests(reading).into_iter().filter(|request| {
        let later = |date: Option<Date>, order: usize| match (date, request.date) {
            (Some(result), Some(asked)) if result != asked => result > asked,
            _ => order > request.order,
        };
        let answered = match &request.wanted {
            Wanted::Lab(name) => {
                labs.iter().any(|found| answers(name, &found.key) && later(found.lab.date, found.order))
            }
            Wanted::Study(study) => studies
                .iter()
                .any(|found| found.study.answers(study) && later(found.imaging.date, found.order)),
            Wanted::Procedure(name) => {
                procedures.iter().any(|found| found.key == *name && later(found.procedure.date, found.order))
            }
        };
        !answered
    });
    statements::grouped(open.map(|request| (request.wanted.key(), request)))
        .into_iter()
        .map(|mut group| {
            group.sort_by_key(|request| std::cmp::Reverse((request.date, request.order)));
            let text = format!("No result found for {}, asked for in the record", group[0].name);
            let date = group[0].date;
            let mut citations = Vec::new();
            for request in group {
                statements::cite(&mut citations, request.citation);
            }
            Dated { statement: statements::statement(text, Assertion::Present, citations), date }
        })
        .collect()
}

fn requests(reading: &Reading<'_>) -> Vec<Request> {
    let mut found = Vec::new();
    let last = reading.passages.iter().filter_map(|passage| passage.date).max();
    for (order, passage) in reading.passages.iter().enumerate() {
        // What the newest page asks for could not have come yet: it is a follow-up.
        let too_new = passage.date.is_some() && passage.date == last && !OVERDUE.is_match(&passage.text);
        let asks = matches!(
            passage.section,
            Section::Plan
                | Section::FollowUp
                | Section::Assessment
                | Section::Impression
                | Section::Labs
                | Section::Imaging
                | Section::Hpi
                | Section::Other
                | Section::Top
                | Section::Procedures
        );
        if !asks || too_new {
            continue;
        }
        let text = &passage.text;
        let mut push = |wanted: Wanted, range: Range<usize>| {
            let denied = match context::assertion(text, &range, passage.section) {
                Assertion::Negated | Assertion::Family => true,
                Assertion::Present | Assertion::Possible | Assertion::Historical => false,
            };
            if ordered(text, &range) && !denied && !conditional(text) {
                found.push(Request {
                    wanted,
                    name: text[range.clone()].trim().to_owned(),
                    date: passage.date,
                    order,
                    citation: passage.cite_around(reading.pages, &range),
                });
            }
        };
        // "PT" in a plan is physical therapy, which has no result.
        for hit in LABS.find(text, &passage.keys).into_iter().filter(|hit| hit.name != "PT") {
            push(Wanted::Lab(LABS.entry(hit.entry).name), hit.range);
        }
        for hit in IMAGING.find(text, &passage.keys) {
            let (study, named) = imaging::study(text, &hit);
            push(Wanted::Study(study), named);
        }
        let procedures = PROCEDURES.find(text, &passage.keys).into_iter();
        for hit in procedures.filter(|hit| PROCEDURES.entry(hit.entry).name != "physical therapy") {
            push(Wanted::Procedure(PROCEDURES.entry(hit.entry).name), hit.range);
        }
    }
    found
}

/// "If pain persists, MRI" asks for nothing yet.
fn conditional(text: &str) -> bool {
    context::says(text, &["if", "consider", "could", "may need", "might", "should symptoms"])
}
