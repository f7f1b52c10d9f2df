//! The patient's identity.

use std::{collections::BTreeSet, sync::LazyLock};

use maneiro_api::analysis::{Citation, Patient};
use regex::Regex;
use time::Date;

use crate::{
    extract::{
        input::segmentation::SegmentedPage,
        statements::{PageKey, cite, group_by_key},
    },
    lexicon::DEMOGRAPHIC_LABELS,
};

/// A field of the patient's identity as one place in the record gives it.
pub(crate) struct PatientField<T> {
    pub(crate) value: T,
    pub(crate) citation: Citation,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\b(?i:patient(?:['’]s)?(?:\s+name)?|pt(?:\s+name)?|name|paciente|nombre)\s*[:;]|\bRE:)\s*(?P<n>(?:[A-Z][\p{L}'’.-]*,?\s*){2,5})").expect("a fixed pattern")
});
static BIRTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:d\.?[o0]\.?b\.?|date\s+of\s+birth|birth\s*date|born(?:\s+on)?|fecha\s+de\s+nacimiento)\s*[:;.]?\s*")
        .expect("a fixed pattern")
});
static SEX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?i:sex|gender)\s*[:;]?\s*(?P<s>(?i:female|male)|F|M)\b|\b(?i:age\s*/\s*sex|sex\s*/\s*age)\s*[:;]?\s*\d{0,3}\s*(?:y/?o?)?\s*[/,]?\s*(?P<t>(?i:female|male)|F|M)\b").expect("a fixed pattern")
});
static SEX_IN_PROSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b\d{1,3}[\s-]*(?:year|yr)s?[\s-]*old\s+(?:[\w-]+\s+){0,3}?(?P<s>woman|man|female|male|lady|gentleman)\b|\b\d{1,3}\s?y/?o\s*(?P<t>woman|man|female|male|f|m)\b").expect("a fixed pattern")
});
static RECORD_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:m\.?r\.?n\.?|medical\s+record\s+(?:number|no\.?|#)|record\s+(?:number|no\.?|#)|chart\s+(?:number|no\.?|#))\s*[:;#.]*\s*(?P<n>(?:MRN[-:\s]?)?[A-Z]{0,4}[-\s]?\d[\dOl-]{3,14})\b").expect("a fixed pattern")
});

/// The fields of the patient's identity in all places.
#[derive(Default)]
pub(crate) struct PatientMentions {
    pub(crate) names: Vec<PatientField<String>>,
    pub(crate) birth_dates: Vec<PatientField<Date>>,
    /// As `Female` or `Male`.
    pub(crate) sexes: Vec<PatientField<String>>,
    pub(crate) record_numbers: Vec<PatientField<String>>,
}

impl PatientMentions {
    /// Adds the fields of a page.
    pub(crate) fn add_page(&mut self, page: &SegmentedPage<'_>) {
        self.names.extend(find_names(page));
        self.birth_dates.extend(find_birth_dates(page));
        self.sexes.extend(find_sexes(page));
        self.record_numbers.extend(find_record_numbers(page));
    }

    /// Forgets what stands on some pages.
    pub(crate) fn forget(&mut self, pages: &BTreeSet<PageKey>) {
        let is_kept = |citation: &Citation| !pages.contains(&(citation.document, citation.page));
        self.names.retain(|field| is_kept(&field.citation));
        self.birth_dates.retain(|field| is_kept(&field.citation));
        self.sexes.retain(|field| is_kept(&field.citation));
        self.record_numbers.retain(|field| is_kept(&field.citation));
    }

    /// The first place that says who the patient is.
    pub(crate) fn first_citation(&self) -> Option<&Citation> {
        let births = self.birth_dates.iter().map(|field| &field.citation);
        self.names.iter().map(|field| &field.citation).chain(births).next()
    }

    /// The patient, each field as most places have it.
    pub(crate) fn patient(&self) -> Patient {
        let mut citations = Vec::new();
        let name = most_frequent(&self.names, |name| alphanumeric_key(name), &mut citations);
        let birth_date = most_frequent(&self.birth_dates, ToString::to_string, &mut citations);
        let sex = most_frequent(&self.sexes, Clone::clone, &mut citations);
        let medical_record_number =
            most_frequent(&self.record_numbers, |number| alphanumeric_key(number), &mut citations);
        Patient { name, birth_date, sex, medical_record_number, citations, checked: false }
    }
}

/// The value that most places have, the earliest of several such values. Cites its first place.
fn most_frequent<T: Clone>(
    fields: &[PatientField<T>],
    key: impl Fn(&T) -> String,
    citations: &mut Vec<Citation>,
) -> Option<T> {
    let groups = group_by_key(fields.iter().map(|field| (key(&field.value), field)));
    let most = groups.iter().map(Vec::len).max()?;
    let group = groups.iter().find(|group| group.len() == most)?;
    cite(citations, &group[0].citation);
    Some(group[0].value.clone())
}

fn alphanumeric_key(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn find_names(page: &SegmentedPage<'_>) -> Vec<PatientField<String>> {
    let mut fields = Vec::new();
    for passage in &page.passages {
        for capture in NAME.captures_iter(&passage.text) {
            let Some(found) = capture.name("n") else { continue };
            let name = before_next_label(found.as_str());
            let words = name.split_whitespace().count();
            if !(2..=5).contains(&words) || name.chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            let range = found.start()..found.start() + name.len();
            fields.push(PatientField { citation: passage.cite(page.source, &range), value: name.to_owned() });
        }
    }
    fields
}

/// The name up to the label of the next field on its line.
fn before_next_label(name: &str) -> &str {
    let mut end = name.trim_end().len();
    let mut at = 0;
    for word in name.split_inclusive(char::is_whitespace) {
        let bare = word.trim().trim_matches(|c: char| matches!(c, ':' | ',' | '.' | '(')).to_uppercase();
        if at > 0 && DEMOGRAPHIC_LABELS.contains(&bare) {
            end = at;
            break;
        }
        at += word.len();
    }
    name[..end].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '-'))
}

fn find_birth_dates(page: &SegmentedPage<'_>) -> Vec<PatientField<Date>> {
    let mut fields = Vec::new();
    for passage in &page.passages {
        let dates = passage.dates();
        for label in BIRTH.find_iter(&passage.text) {
            let next = dates
                .iter()
                .find(|date| date.range.start >= label.end() && date.range.start <= label.end() + 3);
            if let Some(date) = next {
                let range = label.start()..date.range.end;
                fields.push(PatientField { value: date.date, citation: passage.cite(page.source, &range) });
            }
        }
    }
    fields
}

/// Every statement of the patient's sex, as `Female` or `Male`.
fn find_sexes(page: &SegmentedPage<'_>) -> Vec<PatientField<String>> {
    let mut fields = Vec::new();
    for passage in &page.passages {
        // In prose only the sentence that introduces the patient is certainly not about a relative.
        let introduces_patient = passage.starts_block && passage.section.introduces_patient();
        let in_prose = introduces_patient.then(|| SEX_IN_PROSE.captures(&passage.text)).flatten();
        for capture in SEX.captures_iter(&passage.text).chain(in_prose) {
            let (Some(all), Some(sex)) = (capture.get(0), capture.name("s").or(capture.name("t"))) else {
                continue;
            };
            let sex = match sex.as_str().to_lowercase().as_str() {
                "female" | "f" | "woman" | "lady" => "Female",
                _ => "Male",
            };
            fields.push(PatientField {
                value: sex.to_owned(),
                citation: passage.cite(page.source, &all.range()),
            });
        }
    }
    fields
}

fn find_record_numbers(page: &SegmentedPage<'_>) -> Vec<PatientField<String>> {
    let mut fields = Vec::new();
    for passage in &page.passages {
        for capture in RECORD_NUMBER.captures_iter(&passage.text) {
            let (Some(all), Some(number)) = (capture.get(0), capture.name("n")) else { continue };
            fields.push(PatientField {
                value: number.as_str().trim_matches([' ', '-', ':', '#']).to_owned(),
                citation: passage.cite(page.source, &all.range()),
            });
        }
    }
    fields
}
