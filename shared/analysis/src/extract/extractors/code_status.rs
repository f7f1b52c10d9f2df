//! Code status: whether the patient is to be resuscitated.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, Citation};
use regex::Regex;
use time::Date;

use crate::extract::{
    context,
    input::{passage::Passage, sections::Section, segmentation::SegmentedPage},
};

/// A mention of the code status.
pub(crate) struct CodeStatusMention {
    /// As written: `DNR, intubation acceptable`.
    status: String,
    date: Option<Date>,
    citation: Citation,
}

static LIMITED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:DNR|DNI|DNAR|DNACPR|(?i:do[- ]not[- ](?:attempt[- ])?(?:resuscitat\w*|intubate)|comfort\s+(?:care|measures)(?:\s+only)?|allow\s+natural\s+death))\b").expect("a fixed pattern")
});
static FULL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bfull\s+(?:code|resuscitation)\b").expect("a fixed pattern"));
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:code|resuscitation)\s+status\b|\b(?:patient|he|she|they)\s+(?:is|are|was|were|remains?)\s+(?:now\s+)?(?:made\s+)?(?:a\s+)?$|\b(?:made|changed\s+to|converted\s+to|remains)\s+$").expect("a fixed pattern")
});

/// Sections in which a code status is talked about and not stated.
const SECTIONS_WITHOUT_STATUS: [Section; 2] = [Section::FamilyHistory, Section::PageHeaderFooter];

const MAX_STATUS_CHARS: usize = 80;

/// The mentions of a page, in order.
pub(crate) fn find_code_status_mentions(page: &SegmentedPage<'_>) -> Vec<CodeStatusMention> {
    page.passages
        .iter()
        .filter(|passage| !SECTIONS_WITHOUT_STATUS.contains(&passage.section))
        .filter_map(|passage| find_in_passage(page, passage))
        .collect()
}

fn find_in_passage(page: &SegmentedPage<'_>, passage: &Passage) -> Option<CodeStatusMention> {
    let text = &passage.text;
    let found = LIMITED.find(text).or_else(|| FULL.find(text))?;
    let before = &text[..found.start()];
    let heads_passage = before.split_whitespace().count() <= 1;
    if !heads_passage && !LABEL.is_match(before) {
        return None;
    }
    match context::assertion(passage, &found.range()) {
        Assertion::Present | Assertion::Historical => {}
        Assertion::Negated | Assertion::Possible | Assertion::Family | Assertion::Planned => return None,
    }
    let end = text[found.end()..].find(['.', ';']).map_or(text.len(), |at| found.end() + at);
    let status: String = text[found.start()..end].chars().take(MAX_STATUS_CHARS).collect();
    Some(CodeStatusMention {
        status: status.trim_end().to_owned(),
        date: passage.encounter_date,
        citation: passage.cite(page.source, &(0..end)),
    })
}

/// A change of the code status, and the places that state it.
pub(crate) struct CodeStatusPeriod {
    pub(crate) status: String,
    pub(crate) date: Option<Date>,
    pub(crate) citations: Vec<Citation>,
}

/// Whether a code status limits treatment.
pub(crate) fn is_limited(status: &str) -> bool {
    LIMITED.is_match(status)
}

/// The code statuses one after another, each with the places that state it.
pub(crate) fn code_status_periods(mut mentions: Vec<CodeStatusMention>) -> Vec<CodeStatusPeriod> {
    mentions.sort_by_key(|mention| mention.date);
    let mut periods: Vec<CodeStatusPeriod> = Vec::new();
    for CodeStatusMention { status, date, citation } in mentions {
        let is_same = |period: &CodeStatusPeriod| is_limited(&period.status) == is_limited(&status);
        match periods.last_mut().filter(|period| is_same(period)) {
            Some(period) => period.citations.push(citation),
            None => periods.push(CodeStatusPeriod { status, date, citations: vec![citation] }),
        }
    }
    periods
}
