//! Text as folded words, and lists of phrases that are looked up in it as whole words.

use std::ops::Range;

use crate::{text, word_list};

/// A word of a text, folded for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WordToken {
    pub(crate) key: String,
    /// Byte range in the text.
    pub(crate) range: Range<usize>,
}

/// Splits a text into its words. Punctuation separates them and is dropped.
pub(crate) fn word_tokens(text: &str) -> Vec<WordToken> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_inner = c.is_alphanumeric() || (c == '|' && start.is_some());
        match (is_inner, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                tokens.push(WordToken { key: text::fold(&text[from..at]), range: from..at });
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    tokens
}

/// The folded words of a text.
pub(crate) fn word_keys(text: &str) -> Vec<String> {
    word_tokens(text).into_iter().map(|token| token.key).collect()
}

/// The byte range of the first occurrence of a phrase, given as folded words.
pub(crate) fn find_phrase(tokens: &[WordToken], phrase: &[String]) -> Option<Range<usize>> {
    let last = phrase.len().checked_sub(1)?;
    let at = tokens
        .windows(phrase.len())
        .position(|window| window.iter().zip(phrase).all(|(token, key)| token.key == *key))?;
    Some(tokens[at].range.start..tokens[at + last].range.end)
}

/// Phrases that are looked up in text regardless of case and recognition noise.
pub(crate) struct PhraseList(Vec<Vec<String>>);

impl PhraseList {
    pub(crate) fn parse(list: &'static str) -> Self {
        Self(word_list::entries(list).map(word_keys).collect())
    }

    /// Whether one of the phrases occurs in the text.
    pub(crate) fn is_in(&self, tokens: &[WordToken]) -> bool {
        self.0.iter().any(|phrase| find_phrase(tokens, phrase).is_some())
    }

    /// The first occurrence of each phrase that occurs in the text.
    pub(crate) fn find_each(&self, tokens: &[WordToken]) -> impl Iterator<Item = Range<usize>> {
        self.0.iter().filter_map(|phrase| find_phrase(tokens, phrase))
    }

    /// The folded words of all phrases.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        self.0.iter().flatten().cloned()
    }

    /// Whether a folded word is one of the phrases.
    pub(crate) fn contains_word(&self, key: &str) -> bool {
        self.0.iter().any(|phrase| matches!(phrase.as_slice(), [word] if word == key))
    }
}

/// The written name, or the singular of it if that is one of the names.
pub(crate) fn singular<'a>(written: &'a str, names: &[&'a str]) -> &'a str {
    let is_plural = |name: &&&str| {
        written.strip_suffix('s').is_some_and(|stem| {
            stem.eq_ignore_ascii_case(name)
                || stem.strip_suffix('e').is_some_and(|stem| stem.eq_ignore_ascii_case(name))
        })
    };
    names.iter().find(is_plural).map_or(written, |name| &written[..name.len()])
}

/// Whether one of a few phrases occurs in the text.
pub(crate) fn contains_phrase(tokens: &[WordToken], phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| find_phrase(tokens, &word_keys(phrase)).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words() {
        let list = PhraseList::parse("status post, done");
        let found = |text: &str| list.is_in(&word_tokens(text));
        assert!(found("Status-post stroke") && found("It was D0NE."));
        assert!(!found("post status") && !found("undone"));
        assert!(list.contains_word("done") && !list.contains_word("status"));
        let matches: Vec<_> = list.find_each(&word_tokens("is done")).collect();
        assert_eq!(matches.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>(), [(3, 7)]);
    }
}
