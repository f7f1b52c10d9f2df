//! Whose page it is, by the labels on the page itself.

use std::sync::LazyLock;

use maneiro_api::analysis::Patient;
use regex::Regex;
use time::Date;

use super::passage::CheckedPage;
use crate::dates::find_dates;

/// What a page says of its patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PrintedIdentity {
    names: Vec<String>,
    births: Vec<Date>,
    numbers: Vec<String>,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:(?i:\b(?:patient|pt)(?:['’]s)?(?:\s+name)?|\bpaciente)\s*[:;]|^RE:)\s*(?P<n>[A-Z][\p{L}'’.-]+(?:,?\s+[A-Z][\p{L}'’.-]*){1,4})")
        .expect("a fixed pattern")
});
static BIRTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:d\.?[o0]\.?b\.?|date of birth|birth ?date|born|fecha de nacimiento)[^0-9A-Za-z]{0,4}",
    )
    .expect("a fixed pattern")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:m\.?r\.?n\.?|medical record (?:number|no\.?|#)|chart (?:number|no\.?|#)|nhc)[\s:;#.]*(?P<n>[A-Z]{0,4}-?\d[\d-]{3,14})\b")
        .expect("a fixed pattern")
});
/// Words of the next field on the line of a name.
static NEXT_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s+(?:d\.?o\.?b|dob|date|born|mrn|sex|age|gender|account|phone|address|visit|page)\b.*$")
        .expect("a fixed pattern")
});

impl PrintedIdentity {
    pub(super) fn new(page: &CheckedPage) -> Self {
        let mut identity = Self::default();
        for line in page.line_texts() {
            for found in NAME.captures_iter(line) {
                identity.names.push(NEXT_LABEL.replace(&found["n"], "").into_owned());
            }
            for label in BIRTH.find_iter(line) {
                let dates = find_dates(line, page.order());
                let next = dates
                    .iter()
                    .find(|date| date.range.start >= label.end() && date.range.start <= label.end() + 4);
                identity.births.extend(next.map(|date| date.date));
            }
            identity.numbers.extend(NUMBER.captures_iter(line).map(|found| found["n"].to_owned()));
        }
        identity
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the page is of somebody else: its birth date differs, or else its name or its number and no other field
    /// agrees.
    pub(super) fn contradicts(&self, patient: &Patient) -> bool {
        let births =
            patient.birth_date.filter(|_| !self.births.is_empty()).map(|born| self.births.contains(&born));
        let names = patient
            .name
            .as_deref()
            .filter(|_| !self.names.is_empty())
            .map(|name| self.names.iter().any(|other| is_same_name(name, other)));
        let numbers = patient
            .medical_record_number
            .as_deref()
            .filter(|_| !self.numbers.is_empty())
            .map(|number| self.numbers.iter().any(|other| only_digits(other) == only_digits(number)));
        match (births, names, numbers) {
            // One of three may be misread or mistyped: that is a conflict, and still the same patient.
            (Some(false), Some(true), same) => same == Some(false),
            (Some(false), _, Some(true)) | (Some(true), _, _) | (None, Some(true), _) => false,
            (Some(false), _, _) | (None, Some(false), _) => true,
            (None, None, same) => same == Some(false),
        }
    }
}

fn only_digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect::<String>().trim_start_matches('0').to_owned()
}

/// Whether two names share their surname or two of their words.
fn is_same_name(a: &str, b: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        name.split(|c: char| !c.is_alphabetic())
            .filter(|word| word.chars().count() > 1)
            .map(str::to_lowercase)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let shared = a.iter().filter(|word| b.contains(word)).count();
    shared >= 2.min(a.len()).min(b.len()) && shared > 0
}
