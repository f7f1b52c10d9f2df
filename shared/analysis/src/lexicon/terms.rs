//! Lists of medical terms under all their names, and the search for them in text that may have recognition errors.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use super::{
    catalog::{self, Catalog},
    phrases::{WordToken, word_keys, word_tokens},
};
use crate::word_list::{comma_separated, entries, lines};

/// A term under all its names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TermEntry {
    /// The preferred name.
    pub(crate) name: &'static str,
    /// Its code in the list that it is from. Our own lists have none.
    pub(crate) code: Option<&'static str>,
    tags: &'static str,
}

impl TermEntry {
    /// What the list states beyond names, such as a drug class.
    pub(crate) fn tags(self) -> impl Iterator<Item = &'static str> {
        comma_separated(self.tags)
    }

    pub(crate) fn has_tag(self, tag: &str) -> bool {
        self.tags().any(|known| known == tag)
    }
}

struct TermName {
    keys: Vec<String>,
    written: &'static str,
    /// Abbreviations match only as they are written: `US` is not `us`, `Mg` is not `mg`.
    exact: Option<&'static str>,
    entry: usize,
}

/// One list of terms. A line is `name|alias, alias|tag, tag`. What it does not have may be in a catalog.
pub(crate) struct TermList {
    entries: Vec<TermEntry>,
    catalog: Option<&'static Catalog>,
    by_first_word: HashMap<String, Vec<TermName>>,
    /// Long one-word names with one letter deleted, and the entry that they belong to if there is only one.
    deletions: HashMap<String, Option<usize>>,
}

/// A term found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermMatch {
    pub(crate) entry: usize,
    /// The listed name that the text has, without recognition errors.
    pub(crate) name: &'static str,
    /// Byte range in the text.
    pub(crate) range: Range<usize>,
}

/// Folded words after one of our own names that begin what only specifies it: "diabetes mellitus type 2 with neuropathy".
const SPECIFYING: [&str; 9] = ["wlth", "wlthout", "due", "secondary", "stage", "grade", "and", "or", "type"];

/// Folded words before a name that only specify it.
static QUALIFIERS: LazyLock<HashSet<String>> =
    LazyLock::new(|| entries(include_str!("qualifiers.txt")).flat_map(word_keys).collect());

/// Shorter one-word names are not matched with an error: too many words are one letter away from them.
const MIN_FUZZY_BYTES: usize = 8;

impl TermList {
    fn with_catalog(list: &'static str, catalog: &'static Catalog) -> Self {
        Self { catalog: Some(catalog), ..Self::parse(list) }
    }

    fn parse(list: &'static str) -> Self {
        let mut terms = Self {
            entries: Vec::new(),
            catalog: None,
            by_first_word: HashMap::new(),
            deletions: HashMap::new(),
        };
        for line in lines(list) {
            let mut columns = line.split('|').map(str::trim);
            let name = columns.next().unwrap_or_default();
            let aliases = columns.next().unwrap_or_default();
            let tags = columns.next().unwrap_or_default();
            let entry = terms.entries.len();
            terms.entries.push(TermEntry { name, code: None, tags });
            for alias in std::iter::once(name).chain(comma_separated(aliases)) {
                terms.add_name(alias, entry);
            }
        }
        for names in terms.by_first_word.values_mut() {
            names.sort_by_key(|name| std::cmp::Reverse(name.keys.len()));
        }
        terms
    }

    fn add_name(&mut self, alias: &'static str, entry: usize) {
        let keys: Vec<String> = word_tokens(alias).into_iter().map(|token| token.key).collect();
        let Some(first) = keys.first().cloned() else { return };
        let is_abbreviation = (alias.len() <= 4 && alias.chars().all(|c| !c.is_lowercase()))
            || (alias.len() <= 2 && alias.chars().any(char::is_uppercase));
        if keys.len() == 1 && first.len() >= MIN_FUZZY_BYTES {
            for deletion in single_deletions(&first) {
                self.deletions
                    .entry(deletion)
                    .and_modify(|known| *known = known.filter(|&known| known == entry))
                    .or_insert(Some(entry));
            }
        }
        self.by_first_word.entry(first).or_default().push(TermName {
            keys,
            written: alias,
            exact: is_abbreviation.then_some(alias),
            entry,
        });
    }

    /// Entries of the catalog are numbered after our own.
    pub(crate) fn entry(&self, entry: usize) -> TermEntry {
        match (self.entries.get(entry), self.catalog) {
            (Some(own), _) => *own,
            (None, Some(catalog)) => {
                let entry = catalog.entry(entry - self.entries.len());
                TermEntry { name: entry.name, code: entry.code, tags: "" }
            }
            (None, None) => panic!("no entry {entry}"),
        }
    }

    /// All terms of the text, the longest where several begin at one word. None overlaps another.
    pub(crate) fn find(&self, text: &str, tokens: &[WordToken]) -> Vec<TermMatch> {
        let mut matches = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match self.find_at(text, tokens, at) {
                Some((entry, name, length)) => {
                    matches.push(TermMatch {
                        entry,
                        name,
                        range: tokens[at].range.start..tokens[at + length - 1].range.end,
                    });
                    at += length;
                }
                None => at += 1,
            }
        }
        matches
    }

    /// The entry, the name and the number of words of the term that begins at a word: the longest. Of names of one length
    /// our own comes first.
    fn find_at(&self, text: &str, tokens: &[WordToken], at: usize) -> Option<(usize, &'static str, usize)> {
        let own = self.find_own_at(text, tokens, at);
        let Some((entry, length)) = self.catalog.and_then(|catalog| catalog.find_at(text, tokens, at)) else {
            return own;
        };
        if let Some((_, _, own_length)) = own
            && (own_length >= length || SPECIFYING.contains(&tokens[at + own_length].key.as_str()))
        {
            return own;
        }
        // "Acute systolic heart failure" is our "systolic heart failure" with what specifies it.
        for start in at + 1..at + length {
            if !QUALIFIERS.contains(tokens[start - 1].key.as_str()) {
                break;
            }
            if let Some((own, name, own_length)) = self.find_own_at(text, tokens, start)
                && start + own_length == at + length
            {
                return Some((own, name, length));
            }
        }
        Some((entry, self.entry(entry).name, length))
    }

    fn find_own_at(
        &self,
        text: &str,
        tokens: &[WordToken],
        at: usize,
    ) -> Option<(usize, &'static str, usize)> {
        let first = &tokens[at].key;
        let listed = self.by_first_word.get(first).into_iter().flatten().find(|name| {
            let end = at + name.keys.len();
            tokens.get(at..end).is_some_and(|words| {
                words.iter().zip(&name.keys).all(|(word, key)| word.key == *key)
                    && name
                        .exact
                        .is_none_or(|exact| text[tokens[at].range.start..tokens[end - 1].range.end] == *exact)
            })
        });
        if let Some(name) = listed {
            return Some((name.entry, name.written, name.keys.len()));
        }
        if first.len() + 1 < MIN_FUZZY_BYTES || is_term_word(first) {
            return None;
        }
        std::iter::once(first.clone())
            .chain(single_deletions(first))
            .find_map(|deletion| self.deletions.get(&deletion).copied().flatten())
            .map(|entry| (entry, self.entries[entry].name, 1))
    }

    /// The entry of a text that is exactly one name.
    pub(crate) fn find_exact(&self, text: &str) -> Option<usize> {
        let tokens = word_tokens(text);
        let (entry, _, length) = (!tokens.is_empty()).then(|| self.find_at(text, &tokens, 0)).flatten()?;
        (length == tokens.len()).then_some(entry)
    }
}

/// The word with each of its letters deleted, except for the first.
fn single_deletions(word: &str) -> impl Iterator<Item = String> {
    word.char_indices().skip(1).map(|(at, c)| format!("{}{}", &word[..at], &word[at + c.len_utf8()..]))
}

/// Drugs by generic name; the tags are classes.
pub(crate) static DRUGS: LazyLock<TermList> =
    LazyLock::new(|| TermList::with_catalog(include_str!("drugs.txt"), &catalog::MEDICINES));
/// Laboratory tests; tags `panel` and `titer`.
pub(crate) static LABS: LazyLock<TermList> = LazyLock::new(|| TermList::parse(include_str!("labs.txt")));
/// Diagnoses; tags `acute` and `sided`.
pub(crate) static PROBLEMS: LazyLock<TermList> =
    LazyLock::new(|| TermList::with_catalog(include_str!("problems.txt"), &catalog::PROBLEMS));
/// Complaints and signs; tags `local` and `minor`.
pub(crate) static SIGNS_SYMPTOMS: LazyLock<TermList> =
    LazyLock::new(|| TermList::with_catalog(include_str!("signs_symptoms.txt"), &catalog::SIGNS_SYMPTOMS));
/// Surgical and other procedures.
pub(crate) static PROCEDURES: LazyLock<TermList> =
    LazyLock::new(|| TermList::parse(include_str!("procedures.txt")));
/// Vital signs, for the check of statements.
pub(crate) static VITAL_SIGNS: LazyLock<TermList> =
    LazyLock::new(|| TermList::parse(include_str!("vital_signs.txt")));
/// Imaging modalities.
pub(crate) static IMAGING: LazyLock<TermList> =
    LazyLock::new(|| TermList::parse(include_str!("imaging.txt")));

static TERM_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    [&DRUGS, &LABS, &PROBLEMS, &SIGNS_SYMPTOMS, &PROCEDURES, &IMAGING]
        .into_iter()
        .flat_map(|terms| terms.by_first_word.values().flatten())
        .flat_map(|name| name.keys.iter().cloned())
        .collect()
});

/// Whether a folded word is part of any listed name.
pub(crate) fn is_term_word(key: &str) -> bool {
    TERM_WORDS.contains(key) || catalog::MEDICINES.has_word(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drug(text: &str) -> Option<&'static str> {
        DRUGS.find(text, &word_tokens(text)).first().map(|hit| DRUGS.entry(hit.entry).name)
    }

    #[test]
    fn every_listed_name_finds_its_own_entry() {
        for terms in [&*DRUGS, &*LABS, &*PROBLEMS, &*SIGNS_SYMPTOMS, &*PROCEDURES, &*IMAGING] {
            assert!(terms.entries.len() > 20);
            for entry in &terms.entries {
                assert!(!entry.name.is_empty());
                assert_eq!(terms.find_exact(entry.name).map(|at| terms.entry(at).name), Some(entry.name));
            }
        }
    }

    #[test]
    fn names_are_found_despite_recognition_errors() {
        assert_eq!(drug("took METFORMlN 500"), Some("metformin"));
        assert_eq!(drug("Metforrnin HCl"), Some("metformin"));
        assert_eq!(drug("Lipitor 40 mg"), Some("atorvastatin"));
        assert_eq!(drug("atorvastatjn 40 mg"), Some("atorvastatin"));
        assert_eq!(drug("insulin glargine 20 units"), Some("insulin glargine"));
    }

    #[test]
    fn an_error_never_turns_one_drug_into_another() {
        assert_eq!(drug("prednisolone"), Some("prednisolone"));
        assert_eq!(drug("prednisone"), Some("prednisone"));
        assert_eq!(drug("hydralazine"), Some("hydralazine"));
        assert_eq!(drug("hydroxyzine"), Some("hydroxyzine"));
    }
}
