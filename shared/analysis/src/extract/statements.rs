//! Several mentions of one thing become one statement with several citations.

use std::{collections::HashMap, hash::Hash};

use maneiro_api::analysis::{Assertion, Citation, Statement};

/// Most citations of one statement: what is said on every page of a long record need not be shown on each.
pub(crate) const MAX_CITATIONS: usize = 20;

/// A statement that is not looked up yet.
pub(crate) fn statement(text: String, assertion: Assertion, citations: Vec<Citation>) -> Statement {
    Statement { text, assertion, citations, verified: false }
}

/// Adds a citation unless its page is cited already.
pub(crate) fn cite(citations: &mut Vec<Citation>, citation: Citation) {
    let there =
        citations.iter().any(|known| known.document == citation.document && known.page == citation.page);
    if !there && citations.len() < MAX_CITATIONS && !citation.quote.is_empty() {
        citations.push(citation);
    }
}

/// Adds a citation unless the same words of the same page are cited already.
pub(crate) fn cite_both(citations: &mut Vec<Citation>, citation: Citation) {
    if !citations.contains(&citation) && citations.len() < MAX_CITATIONS && !citation.quote.is_empty() {
        citations.push(citation);
    }
}

/// Groups by key, in the order in which keys first appear.
pub(crate) fn grouped<K: Eq + Hash, V>(items: impl IntoIterator<Item = (K, V)>) -> Vec<Vec<V>> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Vec<V>> = Vec::new();
    for (key, item) in items {
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(item);
    }
    groups
}

/// A name as it begins a sentence; `eGFR` and `pH` begin theirs as they are.
pub(crate) fn capital(name: &str) -> String {
    if name.chars().nth(1).is_some_and(char::is_uppercase) {
        return name.to_owned();
    }
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
