//! Mentions of laboratory results, by the names of tests and by the form of a row.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, LabFlag};
use maneiro_page::TextSource;
use regex::Regex;
use time::Date;

use super::{
    results::{WordValues, WrittenResult, parse_result},
    rows::{RowResult, row_results},
    specimens::{specimen_before, specimen_in},
};
use crate::{
    dates::find_date_ranges,
    extract::{
        context::{
            self,
            orders::{is_conditional, is_ordered},
        },
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
    },
    lexicon::{DRUGS, IMAGING, LAB_LABEL_STOPWORDS, LABS, SENTENCE_VERBS, TermMatch, word_tokens},
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
    /// Present with a result, planned without one.
    pub(super) assertion: Assertion,
    /// Whether it was read by recognition, which may lose a decimal point.
    pub(super) is_recognised: bool,
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
    let rows = row_results(passage);
    if !rows.is_empty() && passage.answer.is_none() {
        let is_report = is_lab_section || !tests.is_empty();
        for row in rows.into_iter().filter(|_| is_report) {
            mentions.push(row_mention(page, passage, position, date, &tests, row));
        }
        return;
    }
    for (at, test) in tests.iter().enumerate() {
        let end = tests.get(at + 1).map_or(text.len(), |next| next.range.start);
        let is_panel = LABS.entry(test.entry).has_tag("panel");
        let entry = LABS.entry(test.entry);
        let allow_words = is_lab_section || passage.section.reports_lab_results() || entry.has_tag("titer");
        let words = if allow_words { WordValues::Accepted } else { WordValues::Refused };
        let found = parse_result(&text[test.range.end..end], words)
            .filter(|result| !is_panel || result.value.starts_with(char::is_alphabetic));
        let Some(result) = found.or_else(|| adjective_before(text, test, allow_words)) else {
            mentions.extend(planned_test(page, passage, position, test));
            continue;
        };
        // A result without a length stands before the name.
        let start = if result.end == 0 { previous_word(text, test.range.start) } else { test.range.start };
        let range = start..test.range.end + result.end;
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
        let specimen = specimen_before(text, &passage.tokens, test.range.start).filter(|found| {
            !entry.name.contains(found.name) && !text[test.range.clone()].contains(found.name)
        });
        let name = display_name(text, test);
        mentions.push(LabMention {
            key: match &specimen {
                Some(specimen) => format!("{} {}", specimen.name, entry.name),
                None => entry.name.to_owned(),
            },
            page: passage.page,
            name: specimen.map_or_else(|| name.clone(), |specimen| format!("{} {name}", specimen.name)),
            date: own_date.map(|found| found.date).or(date),
            position,
            citation: passage.cite(page.source, &range),
            assertion: Assertion::Present,
            is_recognised: is_recognised(page),
            result,
        });
    }
    if is_lab_section && tests.is_empty() && passage.starts_block && passage.cells.is_empty() {
        mentions.extend(all_normal(page, passage, position, date));
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
            assertion: Assertion::Present,
            is_recognised: is_recognised(page),
            result,
        });
    }
}

fn is_recognised(page: &SegmentedPage<'_>) -> bool {
    !matches!(page.source.page.text_source, TextSource::TextLayer)
}

/// A result that stands before the name of its test: "elevated cholesterol", "normal CBC".
fn adjective_before(text: &str, test: &TermMatch, is_accepted: bool) -> Option<WrittenResult> {
    let before = text[..test.range.start].split_whitespace().next_back()?.to_lowercase();
    let flag = match before.trim_matches(|c: char| !c.is_alphabetic()) {
        "elevated" | "high" | "increased" => LabFlag::High,
        "low" | "decreased" | "reduced" => LabFlag::Low,
        "normal" | "unremarkable" => LabFlag::Normal,
        "abnormal" => LabFlag::Abnormal,
        _ => return None,
    };
    let value = before.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    is_accepted.then(|| WrittenResult { value, flag: Some(flag), ..WrittenResult::default() })
}

fn previous_word(text: &str, at: usize) -> usize {
    text[..at].trim_end().rfind(' ').map_or(0, |space| space + 1)
}

/// What is said of all results at once: "Labs: within normal limits".
fn all_normal(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    date: Option<Date>,
) -> Option<LabMention> {
    static ALL_NORMAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:all\s+)?(?P<value>within\s+normal\s+limits|wnl|unremarkable|normal)\.?$")
            .expect("a fixed pattern")
    });
    let value = ALL_NORMAL.captures(passage.text.trim())?["value"].to_lowercase();
    Some(LabMention {
        key: "labs".to_owned(),
        page: passage.page,
        name: "Labs".to_owned(),
        result: WrittenResult { value, flag: Some(LabFlag::Normal), ..WrittenResult::default() },
        assertion: Assertion::Present,
        is_recognised: is_recognised(page),
        date,
        position,
        citation: passage.cite(page.source, &passage.range()),
    })
}

/// A test that is to be done.
fn planned_test(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    test: &TermMatch,
) -> Option<LabMention> {
    let entry = LABS.entry(test.entry);
    let is_denied = match context::assertion(passage, &test.range) {
        Assertion::Negated | Assertion::Family => true,
        Assertion::Present | Assertion::Possible | Assertion::Historical | Assertion::Planned => false,
    };
    // In plans, "PT" is physical therapy.
    let is_planned = !is_denied
        && test.name != "PT"
        && passage.section.is_searched_for(SearchTarget::Order)
        && is_ordered(&passage.text, &test.range)
        && !is_conditional(passage, &test.range);
    is_planned.then(|| LabMention {
        key: entry.name.to_owned(),
        page: passage.page,
        name: display_name(&passage.text, test),
        result: WrittenResult::default(),
        assertion: Assertion::Planned,
        is_recognised: is_recognised(page),
        date: passage.encounter_date,
        position,
        citation: passage.cite_with_context(page.source, &test.range),
    })
}

/// A result of a table's row. The name is the cell's, with its specimen and method.
fn row_mention(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    date: Option<Date>,
    tests: &[TermMatch],
    row: RowResult,
) -> LabMention {
    let name = &passage.text[row.name.clone()];
    let test = tests.iter().find(|test| test.range.start >= row.name.start && test.range.end <= row.name.end);
    let key = test.map_or_else(|| name.to_lowercase(), |test| LABS.entry(test.entry).name.to_owned());
    let specimen = specimen_in(&passage.tokens, row.name.clone()).filter(|found| !key.contains(found.name));
    let misread = test.filter(|test| test.range == row.name).map(|test| display_name(&passage.text, test));
    LabMention {
        key: specimen.map_or_else(|| key.clone(), |specimen| format!("{} {key}", specimen.name)),
        page: passage.page,
        name: misread.unwrap_or_else(|| name.to_owned()),
        date: row.date.or(date.filter(|_| !row.is_previous)),
        position,
        // Values of other columns stand between the name and a value: the whole row is quoted.
        citation: passage.cite(page.source, &(row.name.start..row.value.end.max(passage.text.len()))),
        assertion: Assertion::Present,
        is_recognised: is_recognised(page),
        result: row.result,
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
        if is_in_drug_name {
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

/// A result under a label that is no listed test: "Clark level: 4", "Perineural invasion: not identified".
fn labelled_result(text: &str) -> Option<(Range<usize>, WrittenResult)> {
    static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?P<name>[A-Z][A-Za-z'’/ -]{2,40}):\s+(?P<value>[^:;]{1,40}?)\.?$")
            .expect("a fixed pattern")
    });
    const MAX_NAME_WORDS: usize = 4;
    const MAX_VALUE_WORDS: usize = 4;
    let found = LABELLED.captures(text)?;
    let (name, value) = (found.name("name")?, found.name("value")?);
    let words: Vec<String> = name
        .as_str()
        .split_whitespace()
        .chain(value.as_str().split_whitespace())
        .map(str::to_lowercase)
        .collect();
    let is_result = name.as_str().split_whitespace().count() <= MAX_NAME_WORDS
        && value.as_str().split_whitespace().count() <= MAX_VALUE_WORDS
        && !words.iter().any(|word| SENTENCE_VERBS.contains(word) || LAB_LABEL_STOPWORDS.contains(word))
        && find_date_ranges(value.as_str()).next().is_none()
        && DRUGS.find(text, &word_tokens(text)).is_empty()
        && IMAGING.find(text, &word_tokens(text)).is_empty();
    is_result.then(|| {
        let result = parse_result(value.as_str(), WordValues::Accepted)
            .filter(|result| result.end == value.len())
            .unwrap_or_else(|| WrittenResult {
                value: value.as_str().to_owned(),
                ..WrittenResult::default()
            });
        // Colon and space belong to the result.
        (name.range(), WrittenResult { end: value.end() - name.end(), ..result })
    })
}

fn find_unlisted_test(text: &str) -> Option<(Range<usize>, WrittenResult)> {
    if let Some(found) = labelled_result(text) {
        return Some(found);
    }
    let name = UNLISTED_ROW.captures(text)?.name("name")?;
    let trimmed = name.as_str().trim_end_matches([' ', ':', '|', ',']);
    let end = name.start() + trimmed.len();
    let result = parse_result(&text[end..], WordValues::Refused)?;
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
    let is_word =
        result.value.starts_with(char::is_alphabetic) && result.value != "high" && result.value != "low";
    let is_ambiguous = test.len() <= 3 && passage.tokens.len() > 3;
    passage.section.reports_lab_results() || result.is_certain() || is_word || !is_ambiguous
}
