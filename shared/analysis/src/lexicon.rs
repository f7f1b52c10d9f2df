//! Term lists: facts about medicine that no pattern can know. Patterns find what is not listed; the lists tell
//! what a term is and which names mean the same.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use crate::text;

/// A listed thing under all its names.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The name that stands for all.
    pub(crate) name: &'static str,
    /// What the list says of it beyond its names: a class, units, a kind.
    pub(crate) tags: Vec<&'static str>,
}

struct Name {
    keys: Vec<String>,
    written: &'static str,
    /// Abbreviations count only as they are written: `US` is not `us`, `Mg` is not `mg`.
    exact: Option<&'static str>,
    entry: usize,
}

/// One list, ready to be looked for in text. A line is `name|alias, alias|tag, tag`; `#` begins a comment.
pub(crate) struct Terms {
    entries: Vec<Entry>,
    by_first: HashMap<String, Vec<Name>>,
    /// Long one-word names with one letter left out, for one slip of the reader.
    slips: HashMap<String, Option<usize>>,
}

/// A word of a text in which terms are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) range: Range<usize>,
}

/// A term found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) entry: usize,
    /// The listed name that the text has, without the reader's slips.
    pub(crate) name: &'static str,
    pub(crate) range: Range<usize>,
}

/// The words of a text as terms are compared.
pub(crate) fn keys(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inner = c.is_alphanumeric() || (c == '|' && start.is_some());
        match (inner, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                keys.push(Key { key: text::fold(&text[from..at]), range: from..at });
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    keys
}

/// One-word names shorter than this are not looked for with a slip: too many words are one letter away.
const SHORTEST_SLIP: usize = 8;

impl Terms {
    fn parse(list: &'static str) -> Self {
        let mut terms = Self { entries: Vec::new(), by_first: HashMap::new(), slips: HashMap::new() };
        for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut columns = line.split('|').map(str::trim);
            let name = columns.next().unwrap_or_default();
            let aliases = columns.next().unwrap_or_default();
            let tags = columns.next().unwrap_or_default();
            let entry = terms.entries.len();
            terms.entries.push(Entry { name, tags: parts(tags).collect() });
            for alias in std::iter::once(name).chain(parts(aliases)) {
                terms.add(alias, entry);
            }
        }
        for names in terms.by_first.values_mut() {
            names.sort_by_key(|name| std::cmp::Reverse(name.keys.len()));
        }
        terms
    }

    fn add(&mut self, alias: &'static str, entry: usize) {
        let keys: Vec<String> = keys(alias).into_iter().map(|key| key.key).collect();
        let Some(first) = keys.first().cloned() else { return };
        let upper = (alias.len() <= 4 && alias.chars().all(|c| !c.is_lowercase()))
            || (alias.len() <= 2 && alias.chars().any(char::is_uppercase));
        if keys.len() == 1 && first.len() >= SHORTEST_SLIP {
            for slip in slips(&first) {
                self.slips
                    .entry(slip)
                    .and_modify(|known| *known = known.filter(|&known| known == entry))
                    .or_insert(Some(entry));
            }
        }
        self.by_first.entry(first).or_default().push(Name {
            keys,
            written: alias,
            exact: upper.then_some(alias),
            entry,
        });
    }

    /// What the list says of a hit.
    pub(crate) fn entry(&self, entry: usize) -> &Entry {
        &self.entries[entry]
    }

    /// All terms of the text, longest first where several begin, none overlapping another.
    pub(crate) fn find(&self, text: &str, keys: &[Key]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut at = 0;
        while at < keys.len() {
            match self.at(text, keys, at) {
                Some((entry, name, length)) => {
                    hits.push(Hit {
                        entry,
                        name,
                        range: keys[at].range.start..keys[at + length - 1].range.end,
                    });
                    at += length;
                }
                None => at += 1,
            }
        }
        hits
    }

    fn at(&self, text: &str, keys: &[Key], at: usize) -> Option<(usize, &'static str, usize)> {
        let first = &keys[at].key;
        let listed = self.by_first.get(first).into_iter().flatten().find(|name| {
            let end = at + name.keys.len();
            keys.get(at..end).is_some_and(|words| {
                words.iter().zip(&name.keys).all(|(word, key)| word.key == *key)
                    && name
                        .exact
                        .is_none_or(|exact| text[keys[at].range.start..keys[end - 1].range.end] == *exact)
            })
        });
        if let Some(name) = listed {
            return Some((name.entry, name.written, name.keys.len()));
        }
        if first.len() + 1 < SHORTEST_SLIP || is_term(first) {
            return None;
        }
        let slipped = std::iter::once(first.clone()).chain(slips(first));
        slipped
            .filter_map(|slip| self.slips.get(&slip).copied().flatten())
            .next()
            .map(|entry| (entry, self.entries[entry].name, 1))
    }

    /// The entry of a text that is exactly one name.
    pub(crate) fn exact(&self, text: &str) -> Option<usize> {
        let keys = keys(text);
        let (entry, _, length) = (!keys.is_empty()).then(|| self.at(text, &keys, 0)).flatten()?;
        (length == keys.len()).then_some(entry)
    }
}

fn parts(column: &'static str) -> impl Iterator<Item = &'static str> {
    column.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// The word itself is not among its slips, nor one that lost its first letter.
fn slips(word: &str) -> impl Iterator<Item = String> {
    word.char_indices().skip(1).map(|(at, c)| format!("{}{}", &word[..at], &word[at + c.len_utf8()..]))
}

/// Medicines; the tags are classes.
pub(crate) static DRUGS: LazyLock<Terms> = LazyLock::new(|| Terms::parse(include_str!("lexicon/drugs.txt")));
/// Laboratory tests; the tags are `panel` for those that hold others.
pub(crate) static LABS: LazyLock<Terms> = LazyLock::new(|| Terms::parse(include_str!("lexicon/labs.txt")));
/// Diagnoses and complaints; the tags are `symptom` and `acute`.
pub(crate) static PROBLEMS: LazyLock<Terms> =
    LazyLock::new(|| Terms::parse(include_str!("lexicon/problems.txt")));
/// Operations and other procedures.
pub(crate) static PROCEDURES: LazyLock<Terms> =
    LazyLock::new(|| Terms::parse(include_str!("lexicon/procedures.txt")));
/// Imaging modalities.
pub(crate) static IMAGING: LazyLock<Terms> =
    LazyLock::new(|| Terms::parse(include_str!("lexicon/imaging.txt")));

static TERM_KEYS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    [&DRUGS, &LABS, &PROBLEMS, &PROCEDURES, &IMAGING]
        .into_iter()
        .flat_map(|terms| terms.by_first.values().flatten())
        .flat_map(|name| name.keys.iter().cloned())
        .collect()
});

/// Whether a folded word is part of any listed name.
pub(crate) fn is_term(key: &str) -> bool {
    TERM_KEYS.contains(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drug(text: &str) -> Option<&'static str> {
        DRUGS.find(text, &keys(text)).first().map(|hit| DRUGS.entry(hit.entry).name)
    }

    #[test]
    fn every_list_is_well_formed() {
        for terms in [&*DRUGS, &*LABS, &*PROBLEMS, &*PROCEDURES, &*IMAGING] {
            assert!(terms.entries.len() > 20);
            for entry in &terms.entries {
                assert!(!entry.name.is_empty());
                assert_eq!(terms.exact(entry.name).map(|at| terms.entry(at).name), Some(entry.name));
            }
        }
    }

    #[test]
    fn names_are_found_through_reading_noise() {
        assert_eq!(drug("took METFORMlN 500"), Some("metformin"));
        assert_eq!(drug("Metforrnin HCl"), Some("metformin"));
        assert_eq!(drug("Lipitor 40 mg"), Some("atorvastatin"));
        assert_eq!(drug("atorvastatjn 40 mg"), Some("atorvastatin"));
        assert_eq!(drug("insulin glargine 20 units"), Some("insulin glargine"));
    }

    #[test]
    fn a_slip_never_makes_one_medicine_of_another() {
        assert_eq!(drug("prednisolone"), Some("prednisolone"));
        assert_eq!(drug("prednisone"), Some("prednisone"));
        assert_eq!(drug("hydralazine"), Some("hydralazine"));
        assert_eq!(drug("hydroxyzine"), Some("hydroxyzine"));
    }
}
