//! The large term lists of `terms/` as automata that the build script compiles: the longest term that begins at a word.

use std::{collections::HashSet, sync::LazyLock};

use fst::raw::{Fst, Output};

use super::phrases::{WordToken, word_keys};
use crate::{fold::write_term_key, word_list::lines};

/// The terms of one kind under all their names; our own names are among them, for their plurals and other spellings.
pub(crate) struct Catalog {
    automaton: Fst<&'static [u8]>,
    entries: &'static str,
    /// Where each entry begins in `entries`.
    starts: Vec<u32>,
}

/// A term of a catalog: its preferred name and its code in the list that it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CatalogEntry {
    pub(super) name: &'static str,
    pub(super) code: Option<&'static str>,
}

/// Longer names are of no use.
const MAX_WORDS: usize = 9;

impl Catalog {
    fn new(automaton: &'static [u8], entries: &'static str) -> Self {
        let mut starts = vec![0];
        starts
            .extend(entries.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, after)| after));
        let automaton = Fst::new(automaton).expect("compiled by the build script");
        Self { automaton, entries, starts }
    }

    pub(super) fn entry(&self, at: usize) -> CatalogEntry {
        let line = self.entries[self.starts[at] as usize..].lines().next().unwrap_or_default();
        let (name, code) = line.split_once('|').unwrap_or((line, ""));
        CatalogEntry { name, code: (!code.is_empty()).then_some(code) }
    }

    /// Whether a folded word alone is a name.
    pub(super) fn has_word(&self, folded: &str) -> bool {
        let mut key = String::new();
        write_term_key(folded, &mut key) && self.automaton.contains_key(key)
    }

    /// The entry and the number of words of the longest term that begins at a word. Our own entries are numbered first, in the
    /// order of their list.
    pub(super) fn find_at(&self, text: &str, tokens: &[WordToken], at: usize) -> Option<(usize, usize)> {
        let mut node = self.automaton.root();
        let mut output = Output::zero();
        let mut key = String::new();
        let mut longest = None;
        for (length, token) in tokens[at..].iter().take(MAX_WORDS).enumerate() {
            if length > 0 && !is_joined(&text[tokens[at + length - 1].range.end..token.range.start]) {
                break;
            }
            if !write_term_key(&token.key, &mut key) {
                // A term does not begin with an article.
                if length == 0 {
                    return None;
                }
                continue;
            }
            let space: &[u8] = if length > 0 { b" " } else { b"" };
            for &byte in space.iter().chain(key.as_bytes()) {
                let Some(next) = node.find_input(byte) else { return longest };
                let transition = node.transition(next);
                output = output.cat(transition.out);
                node = self.automaton.node(transition.addr);
            }
            if node.is_final() {
                let entry = usize::try_from(output.cat(node.final_output()).value()).ok()?;
                longest = Some((entry, length + 1));
            }
        }
        longest
    }
}

/// Whether a text is a name of the Spanish list, apart from case, accents and recognition errors.
pub(crate) fn is_spanish_name(text: &str) -> bool {
    static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let names = lines(include_str!("../../terms/spanish.txt")).filter_map(|line| line.split('|').nth(3));
        names.flat_map(|names| names.split(';')).map(|name| word_keys(name).join(" ")).collect()
    });
    NAMES.contains(&word_keys(text).join(" "))
}

/// Whether nothing stands between two words that separates them: "Crohn's", "X-ray", "and/or".
fn is_joined(between: &str) -> bool {
    between.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '–' | '/' | '\'' | '’'))
}

macro_rules! catalog {
    ($name:ident $file:literal) => {
        pub(super) static $name: LazyLock<Catalog> = LazyLock::new(|| {
            Catalog::new(
                include_bytes!(concat!(env!("OUT_DIR"), "/", $file, ".fst")),
                include_str!(concat!(env!("OUT_DIR"), "/", $file, ".txt")),
            )
        });
    };
}

catalog!(PROBLEMS "problems");
catalog!(SIGNS_SYMPTOMS "signs_symptoms");
catalog!(MEDICINES "medicines");
