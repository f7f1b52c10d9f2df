//! Merges what a page and its near-duplicates state, which may differ in recognition errors. What both state is one statement
//! that cites both pages. What only the near-duplicate states is kept, since the pages may differ. If their values differ,
//! one may be misread or corrected by hand: that is a conflict for the reader to decide.

use std::collections::HashMap;

use maneiro_api::{
    DocumentId,
    analysis::{Assertion, Citation, Findings, Statement},
};
use time::Date;

use super::conflicts::{Conflict, ConflictKind};
use crate::{
    extract::statements::{cite_page_once, unverified},
    lexicon::is_term_word,
    text::{Token, TokenKind, is_negation, is_same_word, tokenise},
};

/// Least share of equal words in two quotes of one passage.
const MIN_EQUAL_WORDS_SHARE: f64 = 0.8;

/// Near-duplicate pages, each with the page that it duplicates.
struct NearDuplicates(HashMap<(DocumentId, u32), u32>);

impl NearDuplicates {
    /// The first page that a page duplicates, or the page itself.
    fn original(&self, document: DocumentId, page: u32) -> u32 {
        std::iter::successors(Some(page), |page| self.0.get(&(document, *page)).copied())
            .last()
            .unwrap_or(page)
    }

    fn is_duplicate(&self, citation: &Citation) -> bool {
        self.0.contains_key(&(citation.document, citation.page))
    }

    /// Whether two citations are of the same page or its near-duplicates.
    fn is_same_page(&self, a: &Citation, b: &Citation) -> bool {
        a.document == b.document && self.original(a.document, a.page) == self.original(b.document, b.page)
    }

    /// Merges the items of a list that a page and its near-duplicate both state.
    fn merge_items<T>(&self, items: &mut Vec<T>, statement: impl Fn(&mut T) -> &mut Statement) {
        let mut originals: Vec<T> = Vec::new();
        let mut duplicates: Vec<T> = Vec::new();
        for mut item in items.drain(..) {
            let is_duplicate =
                statement(&mut item).citations.iter().all(|citation| self.is_duplicate(citation));
            if is_duplicate { &mut duplicates } else { &mut originals }.push(item);
        }
        for mut item in duplicates {
            let duplicate = statement(&mut item);
            let original =
                originals.iter_mut().map(&statement).find(|original| self.is_restated(original, duplicate));
            match original {
                Some(original) => {
                    for citation in &duplicate.citations {
                        cite_page_once(&mut original.citations, citation);
                    }
                }
                None => originals.push(item),
            }
        }
        *items = originals;
    }

    /// Whether every quote of a duplicate statement is a recognition of a quote of the original.
    fn is_restated(&self, original: &Statement, duplicate: &Statement) -> bool {
        original.assertion == duplicate.assertion
            && duplicate.citations.iter().all(|new| {
                original
                    .citations
                    .iter()
                    .any(|old| self.is_same_page(old, new) && is_same_passage(&old.quote, &new.quote))
            })
    }

    /// Whether a conflict is between a page and its own near-duplicate.
    fn is_within_one_page(&self, conflict: &Statement) -> bool {
        let Some((first, others)) = conflict.citations.split_first() else { return false };
        others.iter().any(|other| other.page != first.page)
            && others.iter().all(|other| self.is_same_page(first, other))
    }

    /// Conflicts between measurements of one name and date whose values differ between a page and its near-duplicate.
    fn find_value_conflicts(&self, measurements: &[Measurement<'_>]) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for (at, duplicate) in measurements.iter().enumerate() {
            // Measurements of duplicates are behind those of their originals.
            if !duplicate.statement.citations.iter().all(|citation| self.is_duplicate(citation)) {
                continue;
            }
            let others = measurements[..at]
                .iter()
                .filter(|other| other.is_of_same(duplicate) && other.value != duplicate.value);
            for original in others.filter(|other| self.are_on_duplicates(other, duplicate)) {
                let text = format!(
                    "Values disagree: {} {} in one place, {} in another",
                    original.name, original.value, duplicate.value
                );
                let citations = [original, duplicate].map(|it| it.statement.citations.first().cloned());
                let citations = citations.into_iter().flatten().collect();
                conflicts.push(Conflict {
                    kind: ConflictKind::MeasuredValue,
                    statement: unverified(text, Assertion::Present, citations),
                    date: original.date,
                });
            }
        }
        conflicts
    }

    /// Whether two measurements are on near-duplicates of one page, and never on the same page.
    fn are_on_duplicates(&self, one: &Measurement<'_>, other: &Measurement<'_>) -> bool {
        let others = &other.statement.citations;
        one.statement
            .citations
            .iter()
            .all(|a| others.iter().all(|b| a.page != b.page && self.is_same_page(a, b)))
    }
}

/// A laboratory result or a vital sign.
struct Measurement<'a> {
    name: &'a str,
    date: Option<Date>,
    value: &'a str,
    statement: &'a Statement,
}

impl Measurement<'_> {
    /// Whether two measurements are of one name and date.
    fn is_of_same(&self, other: &Measurement<'_>) -> bool {
        self.date == other.date && self.name.eq_ignore_ascii_case(other.name)
    }
}

fn measurements(findings: &Findings) -> Vec<Measurement<'_>> {
    let labs = findings.labs.iter().map(|it| Measurement {
        name: &it.name,
        date: it.date,
        value: &it.value,
        statement: &it.statement,
    });
    let vitals = findings.vitals.iter().map(|it| Measurement {
        name: &it.name,
        date: it.date,
        value: &it.value,
        statement: &it.statement,
    });
    labs.chain(vitals).filter(|it| !it.value.is_empty()).collect()
}

/// What is added to a conflict between a page and its near-duplicate.
const WITHIN_ONE_PAGE: &str = " (on a page and its copy: one may be misread)";

/// Merges the statements of near-duplicate pages, and adds their contradictions to the conflicts. Keeps the order, except
/// that statements of duplicates alone come last.
pub(crate) fn merge_duplicate_pages(findings: &mut Findings, conflicts: &mut Vec<Conflict>) {
    let duplicates: HashMap<_, _> = findings
        .duplicates
        .iter()
        .filter(|page| page.similarity.is_some())
        .map(|page| ((page.document, page.page), page.duplicate_of))
        .collect();
    if duplicates.is_empty() {
        return;
    }
    let duplicates = NearDuplicates(duplicates);
    duplicates.merge_items(&mut findings.problems, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.signs_symptoms, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.medications, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.allergies, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.vitals, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.labs, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.procedures, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.imaging, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.observations, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.timeline, |item| &mut item.statement);
    findings.timeline.sort_by_key(|event| event.date);
    duplicates.merge_items(&mut findings.follow_ups, |item| &mut item.statement);
    duplicates.merge_items(&mut findings.gaps, |item| item);
    conflicts.extend(duplicates.find_value_conflicts(&measurements(findings)));
    for conflict in conflicts.iter_mut() {
        if duplicates.is_within_one_page(&conflict.statement) {
            conflict.statement.text.push_str(WITHIN_ONE_PAGE);
        }
    }
    duplicates.merge_items(conflicts, |conflict| &mut conflict.statement);
}

/// Whether two quotes are recognitions of one passage: most of their words are equal, and all their numbers and negations.
fn is_same_passage(one: &str, other: &str) -> bool {
    let (one, other) = (tokenise(one), tokenise(other));
    let exact_keys = |tokens: &[Token]| -> Vec<String> {
        let exact = tokens.iter().filter(|token| token.kind != TokenKind::Word || is_negation(&token.key));
        exact.map(|token| token.key.clone()).collect()
    };
    let equal = one.iter().zip(&other).filter(|(one, other)| is_same_word(one, other, is_term_word)).count();
    let longer = one.len().max(other.len());
    exact_keys(&one) == exact_keys(&other)
        && longer > 0
        && equal as f64 >= MIN_EQUAL_WORDS_SHARE * longer as f64
}
