//! A second look at what a model says: a quote that stands on its page proves only what it says itself. A number
//! that no quote has, or something affirmed that its quote denies, leaves the statement unverified.

use std::collections::HashSet;

use maneiro_api::analysis::{Assertion, Citation, Findings, Statement};

use crate::{
    extract, lexicon,
    text::{self, Kind},
};

/// Takes the mark of verification from statements that their quotes do not bear out.
pub(super) fn check(findings: &mut Findings) {
    for item in &mut findings.problems {
        let denied = contradicted(&item.name, &item.statement);
        settle(&mut item.statement, &[], denied);
    }
    for item in &mut findings.medications {
        settle(&mut item.statement, &[item.dose.as_deref(), item.frequency.as_deref()], false);
    }
    for item in &mut findings.allergies {
        let denied = contradicted(&item.substance, &item.statement);
        settle(&mut item.statement, &[], denied);
    }
    for item in &mut findings.vitals {
        settle(&mut item.statement, &[Some(item.value.as_str())], false);
    }
    for item in &mut findings.labs {
        settle(&mut item.statement, &[Some(item.value.as_str()), item.reference_range.as_deref()], false);
    }
    for statement in findings.statements_mut() {
        settle(statement, &[], false);
    }
}

fn settle(statement: &mut Statement, fields: &[Option<&str>], denied: bool) {
    let proven = numbers_of(&statement.citations);
    let told = fields.iter().flatten().copied().chain([statement.text.as_str()]);
    let borne_out = told.flat_map(numbers).all(|number| proven.contains(&number));
    statement.verified &= borne_out && !denied;
}

/// Every number of the quotes, and the numbers of the months they name.
fn numbers_of(citations: &[Citation]) -> HashSet<String> {
    let mut found: HashSet<String> = citations.iter().flat_map(|cited| numbers(&cited.quote)).collect();
    for cited in citations {
        for date in extract::days(&cited.quote) {
            found.extend([
                date.year().to_string(),
                u8::from(date.month()).to_string(),
                date.day().to_string(),
            ]);
        }
    }
    found
}

/// The numbers of a text, without leading zeros and signs of comparison; `2024-03` and `3/2024` share both.
fn numbers(text: &str) -> Vec<String> {
    text::tokenise(text)
        .into_iter()
        .filter(|token| token.kind == Kind::Number)
        .map(|token| {
            let bare = token.key.trim_start_matches(|c: char| !c.is_ascii_digit());
            let bare = bare.trim_start_matches('0');
            let bare =
                if bare.contains('.') { bare.trim_end_matches('0').trim_end_matches('.') } else { bare };
            if bare.is_empty() { "0".to_owned() } else { bare.to_owned() }
        })
        .collect()
}

/// Affirmed, and every quote that names it denies it.
fn contradicted(name: &str, statement: &Statement) -> bool {
    if statement.assertion != Assertion::Present {
        return false;
    }
    let wanted: Vec<String> = lexicon::keys(name).into_iter().map(|key| key.key).collect();
    let mut named = statement.citations.iter().filter_map(|cited| {
        let keys = lexicon::keys(&cited.quote);
        let at = keys.windows(wanted.len().max(1)).position(|words| {
            !wanted.is_empty() && words.iter().zip(&wanted).all(|(word, want)| word.key == *want)
        })?;
        let range = keys[at].range.start..keys[at + wanted.len() - 1].range.end;
        Some(extract::denies(&cited.quote, &range))
    });
    named.next().is_some_and(|first| first && named.all(|denied| denied))
}
