//! The head of a page: headers and footers, titles, patient demographics and the date of the encounter.

use std::sync::LazyLock;

use maneiro_page::{Line, LineRole, Page};
use regex::Regex;
use time::Date;

use super::sections::{Section, detect_heading, is_all_caps_title};
use crate::{
    SourcePage,
    dates::{DateOrder, find_date_ranges, find_dates, first_date},
};

/// Whether a line is a page header, a page footer or a page number. The heading of a section that is repeated at the top of
/// its pages is not one.
pub(super) fn is_header_or_footer(role: LineRole, text: &str) -> bool {
    static PAGE_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:page|pg\.?|p\.)?\s*\d{1,4}\s*(?:of|/)\s*\d{1,4}$|^page\s*\d{1,4}$")
            .expect("a fixed pattern")
    });
    matches!(role, LineRole::Header | LineRole::Footer)
        && detect_heading(text).is_none_or(|heading| heading.section == Section::Other)
        || PAGE_NUMBER.is_match(text.trim())
}

/// Lines at the head of a page among which patient demographics are.
const MAX_DEMOGRAPHIC_LINES: usize = 10;

/// Whether the line at this position of a page identifies the patient or the author.
pub(super) fn is_demographic(position: usize, text: &str) -> bool {
    position < MAX_DEMOGRAPHIC_LINES && DEMOGRAPHIC_LABEL.is_match(text)
}

static DEMOGRAPHIC_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:patient(?:\s+name)?|name|date\s+of\s+birth|d\.?o\.?b\.?|mrn|medical\s+record\s+(?:number|no)|sex|gender|age|seen\s+by|attending|primary\s+care|provider|referred\s+by|requested\s+by|ordered\s+by|referring\s+physician|author|account)\s*[:#]").expect("a fixed pattern")
});

static TITLE_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:note|report|consult\w*|visit|summary|letter|discharge|intake|follow-?up|study|history\s+and\s+physical|h&p|results?|list|record|form|evaluation|referral|admission|prescription|instructions|fax|radiology|laboratory|sheet|x-ray|mri|ct|ultrasound|plan)\b")
        .expect("a fixed pattern")
});

/// Whether a line is set as titles are: it begins with a capital, and so do most of its words.
fn is_set_as_title(text: &str) -> bool {
    const MAX_SENTENCE_CASE_WORDS: usize = 4;
    let words: Vec<&str> =
        text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).collect();
    let long = words.iter().filter(|word| word.chars().count() > 3);
    let capital = long.clone().filter(|word| !word.starts_with(char::is_lowercase)).count();
    text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
        && (words.len() <= MAX_SENTENCE_CASE_WORDS || capital * 3 >= long.count() * 2)
}

/// Whether a line at the head of a page is its title, such as "Discharge summary".
pub(crate) fn is_page_title(text: &str) -> bool {
    let words = text.split_whitespace().count();
    TITLE_WORD.is_match(text)
        && is_set_as_title(text)
        && words <= 12
        && (!text.ends_with('.') || words <= 4)
        && !text.contains(": ")
        && detect_heading(text).is_none_or(|heading| heading.section == Section::Other)
}

/// The name of a facility at the head of a page, which is not its title.
pub(crate) static FACILITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:department|hospital|clinic|center|centre|medicine|associates|physicians|institute)\b|\blaboratory\W*$").expect("a fixed pattern")
});

/// Lines at the head of a page among which its title is.
pub(crate) const MAX_TITLE_LINES: usize = 4;

/// Whether a page begins a new document: it is a letter, the page before it was signed at its foot, or it has a title
/// that the page before it does not have.
pub(super) fn starts_new_document(page: &Page, before: Option<&SourcePage>) -> bool {
    let is_letter = page
        .lines
        .iter()
        .take(16)
        .any(|line| line.text().trim_start_matches(|c: char| !c.is_alphabetic()).starts_with("Dear "));
    let follows_signature = before.is_some_and(|before| {
        let lines = &before.page.lines;
        lines[lines.len().saturating_sub(3)..].iter().any(|line| SIGNED.is_match(&line.text()))
    });
    if is_letter || follows_signature {
        return true;
    }
    let head =
        |page: &Page| -> Vec<String> { page.lines.iter().map(Line::text).take(MAX_TITLE_LINES).collect() };
    let repeated: Vec<String> = before
        .map(|before| head(&before.page).iter().map(|line| mask_digits(line)).collect())
        .unwrap_or_default();
    head(page).iter().filter(|text| !repeated.contains(&mask_digits(text))).any(|text| {
        let is_heading = detect_heading(text).is_some_and(|heading| heading.section != Section::Other);
        !text.ends_with('.') && (is_page_title(text) || (is_all_caps_title(text) && !is_heading))
    })
}

/// Whether a page has a title among its first lines, other than a running header.
pub(super) fn has_title(page: &Page) -> bool {
    let head = page.lines.iter().take(MAX_TITLE_LINES).filter(|line| line.role == LineRole::Body);
    head.map(Line::text).any(|text| is_page_title(&text) && !text.ends_with('.'))
}

/// The text without spaces and case, and with `#` for each digit.
fn mask_digits(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c.is_ascii_digit() { '#' } else { c.to_ascii_lowercase() })
        .collect()
}

static SIGNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:signed|dictated|authenticated)\b").expect("a fixed pattern"));

static ENCOUNTER_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:date of (?:visit|service|exam(?:ination)?|procedure|admission|study|report|consult\w*|surgery|operation)|(?:visit|encounter|service|exam|study|procedure|consult|report|collection|discharge|admission|operation) date|date/time|date of discharge|discharged|dos|collected(?: on)?|seen on|date (?:collected|performed|of collection)|dictated|date|fecha(?: de (?:consulta|visita|ingreso|alta))?)\s*[:;-]?\s*$").expect("a fixed pattern")
});
static OTHER_DATE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:dob|d\.o\.b|birth|born|nacimiento|print(?:ed)?|fax(?:ed)?|scanned|received|expires?|released?|since|diagnosed|signed|revised)\b[^,;|]{0,24}$").expect("a fixed pattern")
});

/// Lines at the head of a page among which the date of the encounter is.
const MAX_HEAD_LINES: usize = 12;

/// The date of the encounter that a page documents: a labelled date at its head, or else the first date that is not a
/// birth or print date.
pub(super) fn encounter_date(page: &Page, order: DateOrder) -> Option<Date> {
    let mut unlabelled = None;
    for (at, line) in page.lines.iter().take(MAX_HEAD_LINES).enumerate() {
        let text = line.text();
        for found in find_dates(&text, order) {
            let before = &text[..found.range.start];
            if OTHER_DATE_LABEL.is_match(before) {
                continue;
            }
            if ENCOUNTER_LABEL.is_match(before) {
                return Some(found.date);
            }
            if at < 6 {
                unlabelled = unlabelled.or(Some(found.date));
            }
        }
    }
    // If the head could not be read, the date of the signature is left.
    unlabelled.or_else(|| {
        page.lines
            .iter()
            .map(Line::text)
            .filter(|text| SIGNED.is_match(text))
            .find_map(|text| first_date(&text, order))
    })
}

/// Whether a line says the date of an encounter.
pub(super) fn is_encounter_date_line(text: &str) -> bool {
    find_date_ranges(text).next().is_some_and(|found| {
        let before = &text[..found.start];
        before.trim().is_empty() || ENCOUNTER_LABEL.is_match(before)
    })
}
