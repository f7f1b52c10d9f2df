//! Who the patient is, as the record says.

use std::sync::LazyLock;

use maneiro_api::analysis::{Citation, Patient};
use regex::Regex;
use time::Date;

use crate::extract::{Reading, input::dates, input::sections::Section, statements};

/// What one place says of the patient.
pub(crate) struct Said<T> {
    pub(crate) value: T,
    pub(crate) citation: Citation,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\b(?i:patient(?:['’]s)?(?:\s+name)?|pt(?:\s+name)?|name)\s*[:;]|\bRE:)\s*(?P<n>(?:[A-Z][\p{L}'’.-]*,?\s*){2,5})").expect("a fixed pattern")
});
static BIRTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:d\.?[o0]\.?b\.?|date\s+of\s+birth|birth\s*date|born(?:\s+on)?)\s*[:;.]?\s*")
        .expect("a fixed pattern")
});
static SEX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?i:sex|gender)\s*[:;]?\s*(?P<s>(?i:female|male)|F|M)\b|\b(?i:age\s*/\s*sex|sex\s*/\s*age)\s*[:;]?\s*\d{0,3}\s*(?:y/?o?)?\s*[/,]?\s*(?P<t>(?i:female|male)|F|M)\b").expect("a fixed pattern")
});
static SEX_IN_PROSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b\d{1,3}[\s-]*(?:year|yr)s?[\s-]*old\s+(?:[\w-]+\s+){0,3}?(?P<s>woman|man|female|male|lady|gentleman)\b|\b\d{1,3}\s?y/?o\s*(?P<t>woman|man|female|male|f|m)\b").expect("a fixed pattern")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:m\.?r\.?n\.?|medical\s+record\s+(?:number|no\.?|#)|record\s+(?:number|no\.?|#)|chart\s+(?:number|no\.?|#))\s*[:;#.]*\s*(?P<n>(?:MRN[-:\s]?)?[A-Z]{0,4}[-\s]?\d[\dOl-]{3,14})\b").expect("a fixed pattern")
});

/// The patient, each field as most pages have it.
pub(crate) fn patient(reading: &Reading<'_>) -> Patient {
    let names = names(reading);
    let (births, sexes, numbers) = (births(reading), sexes(reading), numbers(reading));
    let mut citations = Vec::new();
    let name = usual(&names, |name| folded(name), &mut citations);
    let birth_date = usual(&births, ToString::to_string, &mut citations);
    let sex = usual(&sexes, Clone::clone, &mut citations);
    let medical_record_number = usual(&numbers, |number| folded(number), &mut citations);
    Patient { name, birth_date, sex, medical_record_number, citations }
}

/// The value that most places have; the earliest where several have as many. Its first place is cited.
fn usual<T: Clone>(said: &[Said<T>], key: impl Fn(&T) -> String, citations: &mut Vec<Citation>) -> Option<T> {
    let groups = statements::grouped(said.iter().map(|said| (key(&said.value), said)));
    let most = groups.iter().map(Vec::len).max()?;
    let group = groups.iter().find(|group| group.len() == most)?;
    statements::cite_both(citations, group[0].citation.clone());
    Some(group[0].value.clone())
}

fn folded(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

fn names(reading: &Reading<'_>) -> Vec<Said<String>> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        for capture in NAME.captures_iter(&passage.text) {
            let Some(name) = capture.name("n") else { continue };
            let kept = until_label(name.as_str());
            let words = kept.split_whitespace().count();
            if !(2..=5).contains(&words) || kept.chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            let range = name.start()..name.start() + kept.len();
            found.push(Said { citation: passage.cite(reading.pages, &range), value: kept.to_owned() });
        }
    }
    found
}

/// Cuts a name at the label of the next field on its line.
fn until_label(name: &str) -> &str {
    const LABELS: [&str; 30] = [
        "DOB",
        "MRN",
        "SEX",
        "AGE",
        "DATE",
        "GENDER",
        "ACCOUNT",
        "ACCT",
        "BIRTH",
        "PHONE",
        "ROOM",
        "PROVIDER",
        "PAGE",
        "VISIT",
        "ID",
        "ATTENDING",
        "PHYSICIAN",
        "DR",
        "MEDICAL",
        "RECORD",
        "ADMIT",
        "ADMISSION",
        "SSN",
        "ADDRESS",
        "D.O.B",
        "ENCOUNTER",
        "REFERRING",
        "CHART",
        "INSURANCE",
        "D",
    ];
    let mut end = name.trim_end().len();
    let mut at = 0;
    for word in name.split_inclusive(char::is_whitespace) {
        let bare = word.trim().trim_matches(|c: char| matches!(c, ':' | ',' | '.' | '(')).to_uppercase();
        if at > 0 && LABELS.contains(&bare.as_str()) {
            end = at;
            break;
        }
        at += word.len();
    }
    name[..end].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '-'))
}

/// Every birth date that the record gives.
pub(crate) fn births(reading: &Reading<'_>) -> Vec<Said<Date>> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        let all = dates::find(&passage.text);
        for label in BIRTH.find_iter(&passage.text) {
            let near = all
                .iter()
                .find(|date| date.range.start >= label.end() && date.range.start <= label.end() + 3);
            if let Some(date) = near {
                let range = label.start()..date.range.end;
                found.push(Said { value: date.date, citation: passage.cite(reading.pages, &range) });
            }
        }
    }
    found
}

/// Every statement of the patient's sex, as `Female` or `Male`.
pub(crate) fn sexes(reading: &Reading<'_>) -> Vec<Said<String>> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        // In prose only the sentence that begins a part is surely about the patient and not a relative.
        let about = passage.leads
            && matches!(
                passage.section,
                Section::Hpi | Section::Top | Section::Reason | Section::Chief | Section::Other
            );
        let prose = about.then(|| SEX_IN_PROSE.captures(&passage.text)).flatten();
        for capture in SEX.captures_iter(&passage.text).chain(prose) {
            let (Some(all), Some(sex)) = (capture.get(0), capture.name("s").or(capture.name("t"))) else {
                continue;
            };
            let sex = match sex.as_str().to_lowercase().as_str() {
                "female" | "f" | "woman" | "lady" => "Female",
                _ => "Male",
            };
            found.push(Said { value: sex.to_owned(), citation: passage.cite(reading.pages, &all.range()) });
        }
    }
    found
}

fn numbers(reading: &Reading<'_>) -> Vec<Said<String>> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        for capture in NUMBER.captures_iter(&passage.text) {
            let (Some(all), Some(number)) = (capture.get(0), capture.name("n")) else { continue };
            found.push(Said {
                value: number.as_str().trim_matches([' ', '-', ':', '#']).to_owned(),
                citation: passage.cite(reading.pages, &all.range()),
            });
        }
    }
    found
}
