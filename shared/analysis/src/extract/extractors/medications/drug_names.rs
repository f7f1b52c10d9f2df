//! Names of drugs in a passage: listed names, and names of unlisted drugs by the sig after them.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::clauses::clause_end;
use crate::{
    extract::{
        input::{passage::Passage, tables::ColumnRole},
        sig::{find_dose, find_frequency, find_route},
    },
    lexicon::{DRUG_STOPWORDS, DRUGS, IMAGING, LABS, PROBLEMS, PROCEDURES, SENTENCE_VERBS, SIGNS_SYMPTOMS},
};

/// The name of a drug in a passage.
pub(super) struct DrugName {
    /// The generic name, or the name of an unlisted drug in lower case.
    pub(super) drug: String,
    pub(super) range: Range<usize>,
    pub(super) is_listed: bool,
}

/// The names of all drugs in a passage, in order.
pub(super) fn find_drug_names(passage: &Passage) -> Vec<DrugName> {
    let text = &passage.text;
    let labs = LABS.find(text, &passage.tokens);
    let mut names: Vec<DrugName> = DRUGS
        .find(text, &passage.tokens)
        .into_iter()
        .filter(|drug| {
            let is_lab_test = labs.iter().any(|lab| {
                lab.range.start <= drug.range.start
                    && lab.range.end >= drug.range.end
                    && (lab.range.len() > drug.range.len()
                        || find_dose(&text[drug.range.end..clause_end(text, drug.range.end, None)]).is_none())
            });
            !is_lab_test
        })
        .map(|drug| DrugName {
            drug: DRUGS.entry(drug.entry).name.to_owned(),
            range: drug.range,
            is_listed: true,
        })
        .collect();
    for range in match_unlisted_drugs(passage) {
        if !names.iter().any(|name| name.range.start < range.end && range.start < name.range.end) {
            let drug = text[range.clone()].to_lowercase();
            names.push(DrugName { drug, range, is_listed: false });
        }
    }
    names.sort_by_key(|name| name.range.start);
    names
}

static NAME_WITH_DOSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<name>\b[A-Z][a-zA-Z]{3,}(?:-[a-zA-Z]{3,})?)(?:\s+(?:[a-z]{4,}|ER|XR|XL|SR|HCl|CR|DR|LA))?\s+\(?(?P<dose>[0-9OlI.,]+\s?(?:mg|mcg|µg|ug|rng|g|units?|IU|mEq|mL|puffs?|tabs?|tablets?|capsules?|drops)\b)").expect("a fixed pattern")
});
static FIRST_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<name>[A-Z][a-zA-Z]{4,}(?:-[a-zA-Z]{3,})?)\b").expect("a fixed pattern")
});

/// The names of unlisted drugs, by the sig after them: "Xyzmab 40 mg SC every 2 weeks".
fn match_unlisted_drugs(passage: &Passage) -> Vec<Range<usize>> {
    let text = &passage.text;
    let is_medication_list = passage.section.is_medication_list();
    let mut ranges: Vec<Range<usize>> = NAME_WITH_DOSE
        .captures_iter(text)
        .filter_map(|found| {
            let name = found.name("name")?.range();
            let end = clause_end(text, name.end, None);
            let rest = &text[name.end..end];
            let is_prescription = find_dose(rest).is_some()
                && (is_medication_list || (find_frequency(rest).is_some() && find_route(rest).is_some()));
            (is_prescription && could_be_drug_name(&text[name.clone()])).then_some(name)
        })
        .collect();
    // The row of a table names its medicine in a cell of its own.
    let cell = passage.cells.iter().find(|cell| cell.role == ColumnRole::Medication);
    if let Some(name) = cell.and_then(|cell| name_of_cell(text, cell.range.clone())) {
        return vec![name];
    }
    let entry = (is_medication_list && ranges.is_empty() && passage.cells.is_empty())
        .then(|| FIRST_NAME.captures(text))
        .flatten();
    if let Some(name) = entry.and_then(|found| Some(found.name("name")?.range())) {
        let rest = &text[name.end..];
        let is_short = rest.split_whitespace().count() <= 8;
        if is_short && find_frequency(rest).is_some() && could_be_drug_name(&text[name.clone()]) {
            ranges.push(name);
        }
    }
    ranges
}

/// The name in the cell of a medicine: its words before the strength.
fn name_of_cell(text: &str, cell: Range<usize>) -> Option<Range<usize>> {
    let written = &text[cell.clone()];
    let end =
        written.find(|c: char| c.is_ascii_digit() || matches!(c, '(' | ',' | '[')).unwrap_or(written.len());
    let name = written[..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_name = name.len() >= 4
        && name.starts_with(char::is_alphabetic)
        && name.split_whitespace().count() <= 4
        && name.split_whitespace().all(could_be_drug_name);
    is_name.then(|| cell.start..cell.start + name.len())
}

fn could_be_drug_name(word: &str) -> bool {
    let lower = word.to_lowercase();
    !DRUG_STOPWORDS.contains(&lower)
        && !SENTENCE_VERBS.contains(&lower)
        && !lower.ends_with("ing")
        && !lower.ends_with("tion")
        && SIGNS_SYMPTOMS.find_exact(word).is_none()
        && PROCEDURES.find_exact(word).is_none()
        && IMAGING.find_exact(word).is_none()
        && LABS.find_exact(word).is_none()
        && PROBLEMS.find_exact(word).is_none()
}
