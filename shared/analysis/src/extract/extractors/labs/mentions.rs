//! Mentions of laboratory results, by the names of tests and by the form of a row.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation};
use regex::Regex;
use time::Date;

use super::results::{WrittenResult, parse_result};
use crate::{
    dates::find_date_ranges,
    extract::{
        context,
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
    },
    lexicon::{DRUGS, LABS, TermMatch, word_tokens},
    text,
};

/// A mention of a laboratory result.
pub(crate) struct LabMention {
    /// The same for all names of the test.
    pub(super) key: String,
    /// Index of the page in the record.
    pub(super) page: usize,
    pub(super) name: String,
    pub(super) result: WrittenResult,
    pub(super) date: Option<Date>,
    /// Position of the passage in the record.
    pub(super) position: usize,
    pub(super) citation: Citation,
}

/// The row of a test that is not listed: a name and a number.
static UNLISTED_ROW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<name>[A-Za-z][A-Za-z ,()/.%-]{1,40}?)\s*[:|]?\s+[<>]?\.?[0-9]")
        .expect("a fixed pattern")
});

/// The mentions of a page, in order.
pub(crate) fn find_lab_mentions(page: &SegmentedPage<'_>) -> Vec<LabMention> {
    let mut mentions = Vec::new();
    let mut collected: Option<(usize, Date)> = None;
    for (position, passage) in page.positioned_passages() {
        if let Some(date) = collection_date(passage) {
            collected = Some((passage.page, date));
        }
        if passage.section.is_searched_for(SearchTarget::LabResult) {
            let date = collected.filter(|(page, _)| *page == passage.page).map(|(_, date)| date);
            let date = date.or(passage.encounter_date);
            find_in_passage(page, passage, position, date, &mut mentions);
        }
    }
    mentions
}

/// The date of collection or report, which holds for the rows below it on its page: "Collected: 03/04/2024".
fn collection_date(passage: &Passage) -> Option<Date> {
    let text = &passage.text;
    static DATE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:collected|collection\s+date|date\s+collected|drawn|specimen\s+date|results?|resulted|reported|labs?)\b[^0-9A-Z]{0,12}(?:(?:on|of|from)\s+)?").expect("a fixed pattern")
    });
    let label = DATE_LABEL.find(text)?;
    passage
        .dates()
        .into_iter()
        .find(|found| found.range.start >= label.start() && found.range.start <= label.end() + 14)
        .map(|found| found.date)
}

fn find_in_passage(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    date: Option<Date>,
    mentions: &mut Vec<LabMention>,
) {
    let text = &passage.text;
    let is_lab_section = passage.section == Section::Labs;
    let tests = find_tests(passage);
    let before = mentions.len();
    for (at, test) in tests.iter().enumerate() {
        let end = tests.get(at + 1).map_or(text.len(), |next| next.range.start);
        let entry = LABS.entry(test.entry);
        let allow_words = is_lab_section || entry.has_tag("titer");
        let Some(result) = parse_result(&text[test.range.end..end], allow_words) else { continue };
        let range = test.range.start..test.range.end + result.end;
        if !is_plausible(passage, entry.name, &result, &text[range.end..]) {
            continue;
        }
        // "Hemoglobin 12.6" in prose about a relative or a plan is not a result of the patient.
        let is_of_patient = match context::assertion(passage, &test.range) {
            Assertion::Family | Assertion::Possible | Assertion::Planned => is_lab_section,
            Assertion::Present | Assertion::Negated | Assertion::Historical => true,
        };
        if !is_of_patient {
            continue;
        }
        let own_date = passage.dates().into_iter().find(|found| {
            found.range.start >= range.end && found.range.start <= range.end + 16 || found.range.start < 3
        });
        mentions.push(LabMention {
            key: entry.name.to_owned(),
            page: passage.page,
            name: display_name(text, test),
            date: own_date.map(|found| found.date).or(date),
            position,
            citation: passage.cite(page.source, &range),
            result,
        });
    }
    let may_be_unlisted = mentions.len() == before && is_lab_section && tests.is_empty();
    if let Some((name, result)) = may_be_unlisted.then(|| find_unlisted_test(text)).flatten() {
        let range = name.start..name.end + result.end;
        mentions.push(LabMention {
            key: text[name.clone()].to_lowercase(),
            page: passage.page,
            name: text[name].to_owned(),
            date,
            position,
            citation: passage.cite(page.source, &range),
            result,
        });
    }
}

/// The listed tests of a passage. "Urea nitrogen (BUN)" is one test, "calcium carbonate" a drug.
fn find_tests(passage: &Passage) -> Vec<TermMatch> {
    let text = &passage.text;
    let drugs = DRUGS.find(text, &passage.tokens);
    let mut tests: Vec<TermMatch> = Vec::new();
    for test in LABS.find(text, &passage.tokens) {
        let is_in_drug_name = drugs.iter().any(|drug| {
            drug.range.start <= test.range.start
                && drug.range.end >= test.range.end
                && drug.range.len() > test.range.len()
        });
        if is_in_drug_name || LABS.entry(test.entry).has_tag("panel") {
            continue;
        }
        match tests.last_mut() {
            Some(last)
                if last.entry == test.entry && text[last.range.end..test.range.start].trim() == "(" =>
            {
                let is_closed = text[test.range.end..].starts_with(')');
                last.range.end = test.range.end + usize::from(is_closed);
            }
            Some(_) | None => tests.push(test),
        }
    }
    tests
}

/// The name as it is written, without recognition errors.
fn display_name(text: &str, test: &TermMatch) -> String {
    let written = &text[test.range.clone()];
    let is_misread =
        written.to_lowercase() != test.name.to_lowercase() && text::fold(written) == text::fold(test.name);
    if is_misread { test.name.to_owned() } else { written.to_owned() }
}

fn find_unlisted_test(text: &str) -> Option<(Range<usize>, WrittenResult)> {
    let name = UNLISTED_ROW.captures(text)?.name("name")?;
    let trimmed = name.as_str().trim_end_matches([' ', ':', '|', ',']);
    let end = name.start() + trimmed.len();
    let result = parse_result(&text[end..], false)?;
    let is_complete = result.unit.is_some() && result.reference_range.is_some();
    let has_drug = !DRUGS.find(trimmed, &word_tokens(trimmed)).is_empty();
    (is_complete && !has_drug && find_date_ranges(trimmed).next().is_none())
        .then_some((name.start()..end, result))
}

/// Whether it is a result and not a dose, a stage, a date or a count.
fn is_plausible(passage: &Passage, test: &str, result: &WrittenResult, rest: &str) -> bool {
    static DOSE_UNIT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s?(?:mg|mcg|g|iu|units?|meq|tablets?|tabs?|ml|weeks?|months?|days?|years?|hours?|hrs?|x\b|times|cm|mm)\b(?:[^/]|$)").expect("a fixed pattern")
    });
    if result.unit.is_none() && (DOSE_UNIT.is_match(rest) || rest.starts_with('/')) {
        return false;
    }
    // A short abbreviation has many meanings. Outside of results it is a test only with more than a number.
    let is_word = result.value.starts_with(char::is_alphabetic);
    let is_ambiguous = test.len() <= 3 && passage.tokens.len() > 3;
    passage.section.reports_lab_results() || result.is_certain() || is_word || !is_ambiguous
}
