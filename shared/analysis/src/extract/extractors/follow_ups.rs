//! Planned follow-ups and when they are due.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, Citation, FollowUp, FollowUpStatus};
use regex::Regex;
use time::Date;

use crate::{
    dates::find_date_ranges,
    extract::{
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
        statements::{cite_page_once, group_by_key, unverified},
    },
    lexicon::{contains_phrase, word_tokens},
    text::truncate_at_word,
};

const MAX_TEXT_BYTES: usize = 280;

static FOLLOW_UP_CUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:follow(?:ing|s)?[- ]?up|f/u|return(?:s)?\s+(?:to|in|visit|for)|RTC|re-?check|re-?evaluat\w+|repeat|appointment|appt|schedul\w+|refer(?:ral|red)?|see\s+(?:dr|your|pcp|ortho\w*|cardiolog\w*)|next\s+(?:visit|appointment)|due\s+(?:in|on|by|for)|surveillance|reassess\w*|post-?op\s+visit|suture\s+removal|will\s+(?:call|see|arrange|need))\b").expect("a fixed pattern")
});
static PAST_FOLLOW_UP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:presents?|here|seen|returns?|came|comes|in\s+clinic)\s+(?:today\s+)?(?:for|in)\b.{0,30}follow|was\s+(?:seen|referred|scheduled)|lost\s+to\s+follow|missed|did\s+not\s+follow|never\s+followed|(?:had|has)\s+(?:a\s+)?follow|\d{1,3}[\s-]*(?:year|yr)s?[\s-]*old\b)").expect("a fixed pattern")
});
const COUNT: &str = r"(?:\d{1,2}(?:\s?(?:-|–|to)\s?\d{1,2})?|one|two|three|four|five|six|eight|ten|twelve|a|an|a\s+few|several)";
static INTERVAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)\b(?:(?:with)?in\s+(?:about\s+|approximately\s+|the\s+next\s+)?{COUNT}\s*(?:-\s*)?(?:hours?|days?|weeks?|wks?|months?|mos?|years?|yrs?)(?:\s*(?:-|–|to)\s*\d{{1,2}}\s*(?:weeks?|months?))?|{COUNT}[\s-]+(?:day|week|wk|month|year)s?(?:\s+(?:follow|post|from|after)\w*)?|tomorrow|annually|yearly|every\s+(?:{COUNT}\s+)?(?:weeks?|months?|years?)|q\s?\d{{1,2}}\s?(?:weeks?|months?|mo|wk))\b"
    ))
    .expect("a fixed pattern")
});
static MONTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:in|by)\s+20\d\d|(?:(?:in|by|early|late|mid)\s+)?(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+20\d\d)\b").expect("a fixed pattern")
});
static NEXT_ENCOUNTER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bnext\s+(?:week|month|visit|year|day)\b").expect("a fixed pattern"));
static DATE_PREPOSITION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:on|by|before|after|for|due|until|date)\b|[:@(,-])?\s*$")
        .expect("a fixed pattern")
});

/// A sentence that plans a follow-up.
pub(crate) struct FollowUpMention {
    text: String,
    due: Option<String>,
    date: Option<Date>,
    citation: Citation,
}

/// The mentions of a page, in order.
pub(crate) fn find_follow_up_mentions(page: &SegmentedPage<'_>) -> Vec<FollowUpMention> {
    let mut found = Vec::new();
    for passage in &page.passages {
        let text = &passage.text;
        let due = find_due(text);
        if !is_follow_up(passage, due.is_some()) || PAST_FOLLOW_UP.is_match(text) {
            continue;
        }
        found.push(FollowUpMention {
            text: truncate_at_word(text, MAX_TEXT_BYTES),
            due,
            date: passage.encounter_date,
            citation: passage.cite_with_context(page.source, &passage.range()),
        });
    }
    found
}

/// All follow-ups, one for each wording.
pub(crate) fn merge_follow_ups(mentions: Vec<FollowUpMention>) -> Vec<FollowUp> {
    let keyed = mentions.into_iter().map(|mention| {
        let key: String = mention.text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        (key, mention)
    });
    group_by_key(keyed)
        .into_iter()
        .filter_map(|group| {
            let mut citations = Vec::new();
            for mention in &group {
                cite_page_once(&mut citations, &mention.citation);
            }
            let FollowUpMention { text, due, date, .. } = group.into_iter().next()?;
            let statement = unverified(text, Assertion::Present, citations);
            Some(FollowUp { statement, due, due_date: None, noted: date, status: FollowUpStatus::Open })
        })
        .collect()
}

fn is_follow_up(passage: &Passage, has_due: bool) -> bool {
    if !passage.section.is_searched_for(SearchTarget::FollowUp) {
        return false;
    }
    let words = passage.text.split_whitespace().count();
    let has_cue = FOLLOW_UP_CUE.is_match(&passage.text);
    if passage.section == Section::FollowUp {
        words >= 2 && (has_cue || has_due || passage.list_marker.is_some())
    } else if matches!(passage.section, Section::Plan | Section::Assessment) {
        has_cue && (has_due || words >= 3)
    } else {
        has_cue && has_due
    }
}

/// When it is due, as written: a date, or else a month, an interval or the next visit.
fn find_due(text: &str) -> Option<String> {
    let cue = FOLLOW_UP_CUE.find(text).map_or(0, |cue| cue.start());
    let date = find_date_ranges(text)
        .find(|found| {
            let before = &text[..found.start];
            let last_word = before.split_whitespace().next_back().unwrap_or_default();
            let is_due_date = found.start >= cue || contains_phrase(&word_tokens(last_word), &["on", "by"]);
            is_due_date && DATE_PREPOSITION.is_match(before)
        })
        .map(|found| text[found].to_owned());
    date.or_else(|| {
        [&MONTH, &INTERVAL, &NEXT_ENCOUNTER]
            .into_iter()
            .find_map(|pattern| pattern.find(text))
            .map(|found| found.as_str().split_whitespace().collect::<Vec<_>>().join(" "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_dates_and_intervals_are_read_as_written() {
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
            assert_eq!(find_due(text).as_deref(), expected, "{text}");
        }
    }
}
