//! The second check of a model's statements: a quote that is on its page proves only what the quote itself says. A statement
//! with a number that no quote has, or that affirms what its quotes deny, is doubtful.

use std::collections::HashSet;

use maneiro_api::analysis::{Assertion, Citation, DoubtReason, Findings, Statement};

use crate::{
    extract::{Section, assertion_in, find_dates},
    lexicon::{find_phrase, word_keys, word_tokens},
    text::{TokenKind, tokenise},
};

/// Marks statements as doubtful that their quotes do not support.
pub(crate) fn check_grounding(findings: &mut Findings) {
    for item in &mut findings.problems {
        let is_denied = is_contradicted(&item.name, &item.statement);
        check_statement(&mut item.statement, &[], is_denied);
    }
    for item in &mut findings.signs_symptoms {
        let is_denied = is_contradicted(&item.name, &item.statement);
        check_statement(&mut item.statement, &[], is_denied);
    }
    for item in &mut findings.medications {
        check_statement(&mut item.statement, &[item.dose.as_deref(), item.frequency.as_deref()], false);
    }
    for item in &mut findings.allergies {
        let is_denied = is_contradicted(&item.substance, &item.statement);
        check_statement(&mut item.statement, &[], is_denied);
    }
    for item in &mut findings.vitals {
        check_statement(&mut item.statement, &[Some(item.value.as_str())], false);
    }
    for item in &mut findings.labs {
        check_statement(
            &mut item.statement,
            &[Some(item.value.as_str()), item.reference_range.as_deref()],
            false,
        );
    }
    for statement in findings.statements_mut() {
        check_statement(statement, &[], false);
    }
}

fn check_statement(statement: &mut Statement, fields: &[Option<&str>], is_denied: bool) {
    let quoted = quoted_numbers(&statement.citations);
    let stated = fields.iter().flatten().copied().chain([statement.text.as_str()]);
    let is_supported = stated.flat_map(numbers).all(|number| quoted.contains(&number));
    if !is_supported {
        add_doubt(statement, DoubtReason::Text);
    }
    if is_denied {
        add_doubt(statement, DoubtReason::Assertion);
    }
}

fn add_doubt(statement: &mut Statement, doubt: DoubtReason) {
    statement.checked = false;
    if !statement.doubts.contains(&doubt) {
        statement.doubts.push(doubt);
    }
}

/// The numbers in the quotes, and those of the dates in them.
fn quoted_numbers(citations: &[Citation]) -> HashSet<String> {
    let mut quoted: HashSet<String> = citations.iter().flat_map(|cited| numbers(&cited.quote)).collect();
    for cited in citations {
        for date in find_dates(&cited.quote).into_iter().map(|found| found.date) {
            quoted.extend([
                date.year().to_string(),
                u8::from(date.month()).to_string(),
                date.day().to_string(),
            ]);
        }
    }
    quoted
}

/// The numbers in a text, without leading zeros and comparison signs, so that `2024-03` and `3/2024` have the same.
fn numbers(text: &str) -> Vec<String> {
    tokenise(text)
        .into_iter()
        .filter(|token| token.kind == TokenKind::Number)
        .map(|token| {
            let bare = token.key.trim_start_matches(|c: char| !c.is_ascii_digit());
            let bare = bare.trim_start_matches('0');
            let bare =
                if bare.contains('.') { bare.trim_end_matches('0').trim_end_matches('.') } else { bare };
            if bare.is_empty() { "0".to_owned() } else { bare.to_owned() }
        })
        .collect()
}

/// Whether a statement affirms what every quote that names it denies.
fn is_contradicted(name: &str, statement: &Statement) -> bool {
    if statement.assertion != Assertion::Present {
        return false;
    }
    let phrase = word_keys(name);
    let mut denials = statement.citations.iter().filter_map(|cited| {
        let tokens = word_tokens(&cited.quote);
        let range = find_phrase(&tokens, &phrase)?;
        Some(assertion_in(&cited.quote, &tokens, &range, Section::Other) == Assertion::Negated)
    });
    denials.next().is_some_and(|first| first && denials.all(|is_denied| is_denied))
}
