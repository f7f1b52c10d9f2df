//! A sheet that was scanned twice says everything twice, and not always in the same letters. What a copy repeats is one
//! statement that cites both pages; what only the copy says stays, since pages that are alike may still differ. Where
//! the two have different values, one may be misread or corrected by hand: which one is for the reader to decide, and
//! never decided here.

use std::collections::HashMap;

use maneiro_api::{
    DocumentId,
    analysis::{Assertion, Citation, Findings, Statement},
};
use time::Date;

use crate::extract::statements;
use crate::{
    SourcePage, lexicon,
    text::{self, Kind, Token},
};

/// Of the words of two quotes of one passage at least so much is the same.
const ALIKE: f64 = 0.8;

/// Which pages are copies of which.
struct Copies(HashMap<(DocumentId, u32), u32>);

impl Copies {
    /// The page that a page is a copy of, or itself.
    fn original(&self, document: DocumentId, page: u32) -> u32 {
        std::iter::successors(Some(page), |page| self.0.get(&(document, *page)).copied())
            .last()
            .unwrap_or(page)
    }

    fn is_copy(&self, citation: &Citation) -> bool {
        self.0.contains_key(&(citation.document, citation.page))
    }

    /// Whether two citations are of one sheet.
    fn is_one_sheet(&self, a: &Citation, b: &Citation) -> bool {
        a.document == b.document && self.original(a.document, a.page) == self.original(b.document, b.page)
    }

    /// Makes one of the items of a list that a page and its copy both say.
    fn unite<T>(&self, items: &mut Vec<T>, statement: impl Fn(&mut T) -> &mut Statement) {
        let mut kept: Vec<T> = Vec::new();
        let mut copied: Vec<T> = Vec::new();
        for mut item in items.drain(..) {
            let is_copied = statement(&mut item).citations.iter().all(|citation| self.is_copy(citation));
            if is_copied { &mut copied } else { &mut kept }.push(item);
        }
        for mut item in copied {
            let said = statement(&mut item);
            let twin = kept.iter_mut().map(&statement).find(|known| self.says_the_same(known, said));
            match twin {
                Some(known) => {
                    for citation in said.citations.drain(..) {
                        statements::cite(&mut known.citations, citation);
                    }
                }
                None => kept.push(item),
            }
        }
        *items = kept;
    }

    fn says_the_same(&self, known: &Statement, said: &Statement) -> bool {
        known.assertion == said.assertion
            && said.citations.iter().all(|new| {
                known.citations.iter().any(|old| self.is_one_sheet(old, new) && alike(&old.quote, &new.quote))
            })
    }

    /// Whether a disagreement is one of a page with its own copy.
    fn is_with_itself(&self, conflict: &Statement) -> bool {
        let Some((first, others)) = conflict.citations.split_first() else { return false };
        others.iter().any(|other| other.page != first.page)
            && others.iter().all(|other| self.is_one_sheet(first, other))
    }

    /// A conflict for each two measurements of one name and day that a page and its copy have with different values.
    fn disagreements(&self, measured: &[Measured<'_>]) -> Vec<Statement> {
        let mut found = Vec::new();
        for (at, copied) in measured.iter().enumerate() {
            // What only copies say stands behind what their originals say.
            if !copied.statement.citations.iter().all(|citation| self.is_copy(citation)) {
                continue;
            }
            let others = measured[..at].iter().filter(|it| it.is_of_what(copied) && it.value != copied.value);
            for known in others.filter(|known| self.are_apart(known, copied)) {
                let text = format!(
                    "Values disagree: {} {} in one place, {} in another",
                    known.name, known.value, copied.value
                );
                let places = [known, copied].map(|it| it.statement.citations.first().cloned());
                let places = places.into_iter().flatten().collect();
                found.push(statements::statement(text, Assertion::Present, places));
            }
        }
        found
    }

    /// Whether two stand on one sheet, and nowhere on the same page.
    fn are_apart(&self, one: &Measured<'_>, other: &Measured<'_>) -> bool {
        let others = &other.statement.citations;
        one.statement
            .citations
            .iter()
            .all(|a| others.iter().all(|b| a.page != b.page && self.is_one_sheet(a, b)))
    }
}

/// A laboratory result or a vital sign.
struct Measured<'a> {
    name: &'a str,
    date: Option<Date>,
    value: &'a str,
    statement: &'a Statement,
}

impl Measured<'_> {
    fn is_of_what(&self, other: &Measured<'_>) -> bool {
        self.date == other.date && self.name.eq_ignore_ascii_case(other.name)
    }
}

/// All that the findings have of them.
fn measured(findings: &Findings) -> Vec<Measured<'_>> {
    let labs = findings.labs.iter().map(|it| Measured {
        name: &it.name,
        date: it.date,
        value: &it.value,
        statement: &it.statement,
    });
    let vitals = findings.vitals.iter().map(|it| Measured {
        name: &it.name,
        date: it.date,
        value: &it.value,
        statement: &it.statement,
    });
    labs.chain(vitals).collect()
}

/// Said of a disagreement between a page and its copy.
const WITH_ITSELF: &str = " (on a page and its copy: one may be misread)";

/// Unites what pages and their copies say. Its order does not change but for what only copies say, which comes last.
pub(crate) fn unite(findings: &mut Findings, pages: &[SourcePage]) {
    let copies: HashMap<_, _> = pages
        .iter()
        .filter_map(|source| {
            Some(((source.document, source.page.number), source.page.near_duplicate?.duplicate_of))
        })
        .collect();
    if copies.is_empty() {
        return;
    }
    let copies = Copies(copies);
    copies.unite(&mut findings.problems, |item| &mut item.statement);
    copies.unite(&mut findings.medications, |item| &mut item.statement);
    copies.unite(&mut findings.allergies, |item| &mut item.statement);
    copies.unite(&mut findings.vitals, |item| &mut item.statement);
    copies.unite(&mut findings.labs, |item| &mut item.statement);
    copies.unite(&mut findings.procedures, |item| &mut item.statement);
    copies.unite(&mut findings.imaging, |item| &mut item.statement);
    copies.unite(&mut findings.timeline, |item| &mut item.statement);
    findings.timeline.sort_by_key(|event| event.date);
    copies.unite(&mut findings.follow_ups, |item| &mut item.statement);
    copies.unite(&mut findings.gaps, |item| item);
    let disagreements = copies.disagreements(&measured(findings));
    findings.conflicts.extend(disagreements);
    for conflict in &mut findings.conflicts {
        if copies.is_with_itself(conflict) {
            conflict.text.push_str(WITH_ITSELF);
        }
    }
    copies.unite(&mut findings.conflicts, |item| item);
}

/// Whether two quotes are readings of one passage: most of their words are the same, and all their numbers and
/// negations.
fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (text::tokenise(one), text::tokenise(other));
    let is_exact = |token: &&Token| token.kind != Kind::Word || text::is_negation(&token.key);
    let exact = |tokens: &[Token]| -> Vec<String> {
        tokens.iter().filter(is_exact).map(|token| token.key.clone()).collect()
    };
    let known = |key: &str| lexicon::is_term(key);
    let same = one.iter().zip(&other).filter(|(one, other)| text::same(one, other, known)).count();
    let longer = one.len().max(other.len());
    exact(&one) == exact(&other) && longer > 0 && same as f64 >= ALIKE * longer as f64
}
