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
    /// Its code in the list that it is from; one of our own has that of the listed term of the same name.
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

/// Folded words that are never a term with an error.
static NOT_MISREAD: LazyLock<HashSet<String>> =
    LazyLock::new(|| entries(include_str!("not_misread.txt")).flat_map(word_keys).collect());

/// The same words as they are written: "turns" is folded as "Tums" is, and is no misread "Tums" either.
static OTHER_WORDS: LazyLock<HashSet<String>> =
    LazyLock::new(|| entries(include_str!("not_misread.txt")).map(str::to_lowercase).collect());

/// Folded words that make an ordinary word beside them a term: parts of the body and what an examiner writes.
static COMPANY: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let words = entries(include_str!("body_parts.txt")).chain(entries(include_str!("exam_words.txt")));
    // "Back", "index" and "node" are ordinary words themselves.
    let ordinary: HashSet<String> = entries(include_str!("ordinary_parts.txt")).flat_map(word_keys).collect();
    words.flat_map(word_keys).filter(|key| !ordinary.contains(key)).collect()
});

/// Longest entry of a list in which an ordinary word is a term alone.
const MAX_ENTRY_WORDS: usize = 4;

/// Abbreviations with several meanings, and the neighbours that give them another one: `ABBREVIATION|before|after`.
static OTHER_MEANINGS: LazyLock<HashMap<&'static str, [Vec<&'static str>; 2]>> = LazyLock::new(|| {
    let columns = |line: &'static str| {
        let mut columns = line.split('|');
        let name = columns.next().unwrap_or_default().trim();
        let mut words = || comma_separated(columns.next().unwrap_or_default()).collect();
        (name, [words(), words()])
    };
    lines(include_str!("abbreviation_contexts.txt")).map(columns).collect()
});

/// Whether its neighbours give an abbreviation another meaning: "94% on RA", "MS 4 mg", "RA pressure".
fn has_other_meaning(text: &str, range: &Range<usize>) -> bool {
    let Some([before, after]) = OTHER_MEANINGS.get(&text[range.clone()]) else { return false };
    let trim = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%').to_lowercase();
    let last = text[..range.start].split_whitespace().next_back().map(trim).unwrap_or_default();
    let rest = &text[range.end..];
    let next = rest.split_whitespace().next().map(trim).unwrap_or_default();
    let is_number = rest.trim_start_matches([' ', '-', ':', '=']).starts_with(|c: char| c.is_ascii_digit());
    before.contains(&last.as_str())
        || after.contains(&next.as_str())
        || (is_number && after.contains(&"#"))
        || (rest.starts_with(':') && after.contains(&":"))
}

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
        let listed = self.catalog.map(|catalog| catalog.entry(entry));
        match (self.entries.get(entry), listed) {
            (Some(own), listed) => TermEntry { code: listed.and_then(|listed| listed.code), ..*own },
            (None, Some(listed)) => TermEntry { name: listed.name, code: listed.code, tags: "" },
            (None, None) => panic!("no entry {entry}"),
        }
    }

    /// Whether an entry is of our own list.
    pub(crate) fn is_own(&self, entry: usize) -> bool {
        entry < self.entries.len()
    }

    /// The code of the term that a name is as a whole.
    pub(crate) fn code_of(&self, name: &str) -> Option<&'static str> {
        let tokens = word_tokens(name);
        let whole = tokens.first()?.range.start..tokens.last()?.range.end;
        let found = self.find_all(name, &tokens).into_iter().find(|term| term.range == whole)?;
        self.entry(found.entry).code
    }

    /// All terms of the text, the longest where several begin at one word. None overlaps another.
    ///
    /// An ordinary word such as "guarding" is a term only beside another term or a part of the body, or in a short entry; an
    /// abbreviation with several meanings only where its neighbours do not give it another.
    pub(crate) fn find(&self, text: &str, tokens: &[WordToken]) -> Vec<TermMatch> {
        let mut matches = self.find_all(text, tokens);
        let is_ordinary =
            |found: &TermMatch| self.entries.get(found.entry).is_some_and(|entry| entry.has_tag("ordinary"));
        if tokens.len() > MAX_ENTRY_WORDS
            && matches.iter().any(is_ordinary)
            && matches.iter().all(is_ordinary)
            && !tokens.iter().any(|token| COMPANY.contains(&token.key))
        {
            matches.clear();
        }
        matches.retain(|found| !has_other_meaning(text, &found.range));
        matches
    }

    fn find_all(&self, text: &str, tokens: &[WordToken]) -> Vec<TermMatch> {
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
        let found = self.find_longest_at(text, tokens, at)?;
        let is_other_word =
            found.2 == 1 && OTHER_WORDS.contains(&text[tokens[at].range.clone()].to_lowercase());
        (!is_other_word).then_some(found)
    }

    fn find_longest_at(
        &self,
        text: &str,
        tokens: &[WordToken],
        at: usize,
    ) -> Option<(usize, &'static str, usize)> {
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
        if first.len() + 1 < MIN_FUZZY_BYTES || is_term_word(first) || NOT_MISREAD.contains(first) {
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

    fn problems(text: &str) -> Vec<&str> {
        PROBLEMS.find(text, &word_tokens(text)).into_iter().map(|found| &text[found.range]).collect()
    }

    fn signs(text: &str) -> Vec<&str> {
        SIGNS_SYMPTOMS.find(text, &word_tokens(text)).into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn catalogs_are_searched_after_our_own_lists() {
        assert_eq!(problems("known Budd-Chiari syndrome"), ["Budd-Chiari syndrome"]);
        assert_eq!(problems("with esophageal varices, and"), ["esophageal varices"]);
        assert_eq!(drug("on rifaximin 550 mg"), Some("rifaximin"));
        let text = "essential hypertension";
        let found = PROBLEMS.find(text, &word_tokens(text));
        assert_eq!(PROBLEMS.entry(found[0].entry).name, "hypertension");
        assert_eq!(PROBLEMS.entry(found[0].entry).code, Some("I10"), "ours with the listed code");
    }

    #[test]
    fn spelling_number_and_order_of_words_make_no_difference() {
        for (one, other) in [
            ("oesophageal varices", "esophageal varix"),
            ("fracture of the femur", "femur fractures"),
            ("subarachnoid haemorrhage", "subarachnoid hemorrhages"),
        ] {
            let entry = |text: &str| PROBLEMS.find_exact(text).map(|entry| PROBLEMS.entry(entry).name);
            assert!(entry(one).is_some(), "{one}");
            if !one.contains("varices") {
                assert_eq!(entry(one), entry(other), "{one}, {other}");
            }
        }
    }

    #[test]
    fn spanish_names_belong_to_the_same_terms() {
        for (spanish, english) in [
            ("hipertensión arterial", "hypertension"),
            ("INSUFICIENCIA CARDÍACA", "heart failure"),
            ("infarto agudo de miocardio", "myocardial infarction"),
        ] {
            let found = PROBLEMS.find_exact(spanish).map(|entry| PROBLEMS.entry(entry).name);
            assert_eq!(found, Some(english), "{spanish}");
        }
        assert_eq!(drug("metformina 850 mg"), Some("metformin"));
        assert_eq!(signs("refiere falta de aire"), ["falta de aire"]);
    }

    #[test]
    fn text_that_is_not_medical_has_no_terms() {
        for sentence in [
            "The request fails when the server turns it down, to avoid confusion about who is guarding the lock.",
            "Catching the exception stops the fall back to the default plan of the library, without further stress.",
            "A URI of the form scheme://host is parsed by the STD library before caching starts.",
        ] {
            let terms = [problems(sentence), signs(sentence)].concat();
            assert!(terms.is_empty() && drug(sentence).is_none(), "{terms:?} {:?}", drug(sentence));
        }
        assert_eq!(signs("Abdomen: no rebound or guarding of the abdomen"), ["rebound", "guarding"]);
    }

    #[test]
    fn neighbours_tell_the_meaning_of_an_abbreviation() {
        assert_eq!(problems("She has RA and takes methotrexate"), ["RA"]);
        assert!(problems("Oxygen saturation 94% on RA").is_empty());
        assert_eq!(problems("CT confirmed a PE in the right lung"), ["PE"]);
        assert!(problems("PE: lungs clear").is_empty());
    }

    #[test]
    fn an_error_never_turns_one_drug_into_another() {
        assert_eq!(drug("prednisolone"), Some("prednisolone"));
        assert_eq!(drug("prednisone"), Some("prednisone"));
        assert_eq!(drug("hydralazine"), Some("hydralazine"));
        assert_eq!(drug("hydroxyzine"), Some("hydroxyzine"));
    }
}
