//! How mentions become statements: several mentions of one thing are one statement with several citations.

use std::{collections::HashMap, hash::Hash};

use maneiro_api::{
    DocumentId,
    analysis::{Assertion, Citation, Statement},
};
use time::Date;

/// A page by its document and number.
pub(crate) type PageKey = (DocumentId, u32);

/// A statement with its date, for lists whose items have no date in the analysis.
pub(crate) struct DatedStatement {
    pub(crate) statement: Statement,
    pub(crate) date: Option<Date>,
}

/// What is repeated on every page of a long record need not be cited from each.
pub(crate) const MAX_CITATIONS: usize = 20;

/// A statement whose quotes are not verified yet.
pub(crate) fn unverified(text: String, assertion: Assertion, citations: Vec<Citation>) -> Statement {
    Statement {
        text,
        assertion,
        citations,
        quoted: false,
        checked: false,
        doubts: Vec::new(),
        also_in_record: false,
    }
}

/// Adds a citation, unless its page is cited already.
pub(crate) fn cite_page_once(citations: &mut Vec<Citation>, citation: &Citation) {
    let is_page_cited =
        || citations.iter().any(|known| known.document == citation.document && known.page == citation.page);
    if citations.len() < MAX_CITATIONS && !is_page_cited() {
        cite(citations, citation);
    }
}

/// Adds a citation, unless it is there already.
pub(crate) fn cite(citations: &mut Vec<Citation>, citation: &Citation) {
    if citations.len() < MAX_CITATIONS && !citations.contains(citation) && !citation.quote.is_empty() {
        citations.push(citation.clone());
    }
}

/// Groups items by key, in the order in which the keys first appear.
pub(crate) fn group_by_key<K: Eq + Hash, V>(items: impl IntoIterator<Item = (K, V)>) -> Vec<Vec<V>> {
    let mut group_of_key: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<Vec<V>> = Vec::new();
    for (key, item) in items {
        let group = *group_of_key.entry(key).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(item);
    }
    groups
}
