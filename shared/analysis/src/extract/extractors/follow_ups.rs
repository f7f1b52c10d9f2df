//! What is to be done, and when.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, FollowUp};
use regex::Regex;
use time::Date;

use crate::extract::{
    Reading, context, extractors::timeline, input::dates, input::sections::Section, statements,
};

/// A follow-up and the day it was said.
pub(crate) struct Found {
    pub(crate) follow_up: FollowUp,
    pub(crate) date: Option<Date>,
}

static CUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:follow(?:ing|s)?[- ]?up|f/u|return(?:s)?\s+(?:to|in|visit|for)|RTC|re-?check|re-?evaluat\w+|repeat|appointment|appt|schedul\w+|refer(?:ral|red)?|see\s+(?:dr|your|pcp|ortho\w*|cardiolog\w*)|next\s+(?:visit|appointment)|due\s+(?:in|on|by|for)|surveillance|reassess\w*|post-?op\s+visit|suture\s+removal|will\s+(?:call|see|arrange|need))\b").expect("a fixed pattern")
});
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:presents?|here|seen|returns?|came|comes|in\s+clinic)\s+(?:today\s+)?(?:for|in)\b.{0,30}follow|was\s+(?:seen|referred|scheduled)|lost\s+to\s+follow|missed|did\s+not\s+follow|never\s+followed|(?:had|has)\s+(?:a\s+)?follow)").expect("a fixed pattern")
});
const COUNT: &str = r"(?:\d{1,2}(?:\s?(?:-|–|to)\s?\d{1,2})?|one|two|three|four|five|six|eight|ten|twelve|a|an|a\s+few|several)";
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)\b(?:(?:with)?in\s+(?:about\s+|approximately\s+|the\s+next\s+)?{COUNT}\s*(?:-\s*)?(?:hours?|days?|weeks?|wks?|months?|mos?|years?|yrs?)(?:\s*(?:-|–|to)\s*\d{{1,2}}\s*(?:weeks?|months?))?|{COUNT}[\s-]+(?:day|week|wk|month|year)s?(?:\s+(?:follow|post|from|after)\w*)?|tomorrow|annually|yearly|every\s+(?:{COUNT}\s+)?(?:weeks?|months?|years?)|q\s?\d{{1,2}}\s?(?:weeks?|months?|mo|wk))\b"
    ))
    .expect("a fixed pattern")
});
static MONTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:in|by)\s+20\d\d|(?:(?:in|by|early|late|mid)\s+)?(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+20\d\d)\b").expect("a fixed pattern")
});
static NEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bnext\s+(?:week|month|visit|year|day)\b").expect("a fixed pattern"));
static ON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:on|by|before|after|for|due|until|date)\b|[:@(,-])?\s*$")
        .expect("a fixed pattern")
});

/// All follow-ups, one per wording.
pub(crate) fn follow_ups(reading: &Reading<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        let text = &passage.text;
        let words = text.split_whitespace().count();
        let cued = CUE.is_match(text);
        let due = due(text);
        let wanted = match passage.section {
            Section::FollowUp => words >= 2 && (cued || due.is_some() || passage.listed),
            Section::Plan | Section::Assessment => cued && (due.is_some() || words >= 3),
            Section::Impression | Section::Other | Section::Procedures | Section::OpNote | Section::Hpi => {
                cued && due.is_some()
            }
            Section::Top
            | Section::Chief
            | Section::Reason
            | Section::Pmh
            | Section::Resolved
            | Section::Psh
            | Section::Medications
            | Section::Stopped
            | Section::Allergies
            | Section::Family
            | Section::Social
            | Section::Ros
            | Section::Vitals
            | Section::Exam
            | Section::Labs
            | Section::Imaging
            | Section::Findings
            | Section::Immunizations
            | Section::Furniture => false,
        };
        if !wanted || PAST.is_match(text) {
            continue;
        }
        let key: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        found.push((key, (passage, due)));
    }
    statements::grouped(found)
        .into_iter()
        .map(|group| {
            let (passage, due) = &group[0];
            let mut citations = Vec::new();
            for (passage, _) in &group {
                statements::cite(&mut citations, passage.cite_around(reading.pages, &passage.all()));
            }
            let text = timeline::shortened(&passage.text);
            Found {
                follow_up: FollowUp {
                    statement: statements::statement(text, Assertion::Present, citations),
                    due: due.clone(),
                },
                date: passage.date,
            }
        })
        .collect()
}

/// When it is due, as written: a date first, then a month, then a span, then "next visit".
fn due(text: &str) -> Option<String> {
    let cue = CUE.find(text).map_or(0, |cue| cue.start());
    let date = dates::find(text)
        .into_iter()
        .find(|found| {
            let before = &text[..found.range.start];
            let near = found.range.start >= cue || context::says(last_word(before), &["on", "by"]);
            near && ON.is_match(before)
        })
        .map(|found| text[found.range].to_owned());
    date.or_else(|| {
        [&MONTH, &SPAN, &NEXT]
            .into_iter()
            .find_map(|pattern| pattern.find(text))
            .map(|found| found.as_str().split_whitespace().collect::<Vec<_>>().join(" "))
    })
}

fn last_word(text: &str) -> &str {
    text.split_whitespace().next_back().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_it_is_due_is_read_as_written() {
        for (text, expected) in [
            ("Follow up in 6 weeks.", Some("in 6 weeks")),
            ("RTC within 2-3 months", Some("within 2-3 months")),
            ("Repeat CT chest in 3 months", Some("in 3 months")),
            ("Follow up with Dr. Lee on 4/5/2024", Some("4/5/2024")),
            ("Follow-up visit: 04/05/2024", Some("04/05/2024")),
            ("Colonoscopy every 5 years, follow up", Some("every 5 years")),
            ("Follow up as needed", None),
            ("Dr. Lee on 08/01/2024 for suture removal", Some("08/01/2024")),
            ("Review with Dr. Lee, 12 months after surgery July 2025", Some("July 2025")),
            ("Screening colonoscopy in 2025", Some("in 2025")),
            ("Next visit with Dr. Lee in 3 months.", Some("in 3 months")),
            ("Labs before the next visit", Some("next visit")),
        ] {
            assert_eq!(due(text).as_deref(), expected, "{text}");
        }
    }
}
