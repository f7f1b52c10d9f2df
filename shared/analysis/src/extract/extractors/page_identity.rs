//! Whose pages they are: the pages that identify another patient than most of the record.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use maneiro_api::analysis::{Assertion, Citation, OtherPatientPage};
use time::Date;

use super::patient::PatientMentions;
use crate::extract::statements::{PageKey, cite, group_by_key, unverified};

/// What one page says of its patient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct PageIdentity {
    /// The folded words of each name.
    names: Vec<Vec<String>>,
    births: Vec<Date>,
    numbers: Vec<String>,
}

impl PageIdentity {
    /// Whether the two have a field in common; none if there is nothing to compare.
    fn agrees(&self, other: &Self) -> Option<bool> {
        let births = compare(&self.births, &other.births, |a, b| a == b);
        let numbers = compare(&self.numbers, &other.numbers, |a, b| a == b);
        let names = compare(&self.names, &other.names, |a, b| is_same_name(a, b));
        let fields = [births, numbers, names];
        match (fields.contains(&Some(true)), fields.iter().flatten().count()) {
            (true, _) => Some(true),
            // A name alone may be a physician's or a relative's.
            (false, 0) => None,
            (false, 1) if names == Some(false) => None,
            (false, _) => Some(false),
        }
    }
}

fn compare<T>(a: &[T], b: &[T], is_same: impl Fn(&T, &T) -> bool) -> Option<bool> {
    (!a.is_empty() && !b.is_empty()).then(|| a.iter().any(|a| b.iter().any(|b| is_same(a, b))))
}

/// Whether two names share two words, or all of a shorter one.
fn is_same_name(a: &[String], b: &[String]) -> bool {
    let shared = a.iter().filter(|word| b.contains(word)).count();
    shared > 0 && shared >= 2.min(a.len()).min(b.len())
}

fn name_words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() > 1)
        .map(str::to_lowercase)
        .collect()
}

/// The pages that identify another patient than most pages do, with what they say. Of two patients with as many pages, the
/// first is the patient of the record.
pub(crate) fn find_other_patients(mentions: &PatientMentions) -> Vec<OtherPatientPage> {
    let mut pages: BTreeMap<PageKey, PageIdentity> = BTreeMap::new();
    for field in &mentions.names {
        let page = pages.entry((field.citation.document, field.citation.page)).or_default();
        page.names.push(name_words(&field.value));
    }
    for field in &mentions.birth_dates {
        let page = pages.entry((field.citation.document, field.citation.page)).or_default();
        page.births.push(field.value);
    }
    for field in &mentions.record_numbers {
        let page = pages.entry((field.citation.document, field.citation.page)).or_default();
        page.numbers.push(field.value.chars().filter(char::is_ascii_digit).collect());
    }
    // Most pages of a record identify the patient in the same words: each identity is compared once.
    let identities: Vec<(&PageIdentity, usize)> = group_by_key(pages.values().map(|page| (page, page)))
        .into_iter()
        .map(|same| (same[0], same.len()))
        .collect();
    let agreeing = |page: &PageIdentity| -> usize {
        let same = identities.iter().filter(|(other, _)| page.agrees(other) == Some(true));
        same.map(|(_, pages)| pages).sum()
    };
    // `max_by_key` returns the last of several maxima.
    let Some((own, _)) = identities.iter().rev().max_by_key(|(page, _)| agreeing(page)) else {
        return Vec::new();
    };
    // All that pages of the patient say of him or her, so that a page without a name is compared by its number.
    let mut patient = PageIdentity::default();
    for (page, _) in identities.iter().filter(|(page, _)| page.agrees(own) == Some(true)) {
        patient.names.extend(page.names.iter().cloned());
        patient.births.extend(&page.births);
        patient.numbers.extend(page.numbers.iter().cloned());
    }
    let is_other: HashMap<&PageIdentity, bool> =
        identities.iter().map(|(page, _)| (*page, page.agrees(&patient) == Some(false))).collect();
    pages
        .iter()
        .filter(|(_, page)| is_other[page])
        .map(|(key, page)| describe(*key, page, mentions))
        .collect()
}

fn describe(key: PageKey, page: &PageIdentity, mentions: &PatientMentions) -> OtherPatientPage {
    let is_on_page = |citation: &Citation| (citation.document, citation.page) == key;
    let name =
        mentions.names.iter().find(|field| is_on_page(&field.citation)).map(|field| field.value.clone());
    let birth_date = page.births.first().copied();
    let medical_record_number = page.numbers.first().cloned();
    let mut citations = Vec::new();
    let names = mentions.names.iter().map(|field| &field.citation);
    let births = mentions.birth_dates.iter().map(|field| &field.citation);
    let numbers = mentions.record_numbers.iter().map(|field| &field.citation);
    for citation in names.chain(births).chain(numbers) {
        if is_on_page(citation) {
            cite(&mut citations, citation);
        }
    }
    let mut text = format!("Page {} is of another patient", key.1);
    if let Some(name) = &name {
        text.push_str(&format!(": {name}"));
    }
    if let Some(birth_date) = birth_date {
        text.push_str(&format!(", born {birth_date}"));
    }
    text.push_str(". Nothing of it is used.");
    OtherPatientPage {
        statement: unverified(text, Assertion::Present, citations),
        document: key.0,
        page: key.1,
        name,
        birth_date,
        medical_record_number,
    }
}

/// The pages by document and number.
pub(crate) fn page_keys(others: &[OtherPatientPage]) -> BTreeSet<PageKey> {
    others.iter().map(|other| (other.document, other.page)).collect()
}
