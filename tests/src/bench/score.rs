//! How many words were misread, against the text that is known to be on the page.
//!
//! Both figures are in parts of the words that are on the pages. The word error rate counts the fewest insertions,
//! deletions and substitutions that turn what was read into what is there, in reading order: a table read column
//! by column is wrong, as its values have lost their tests. The bag rate forgets the order: it counts words missing
//! and words too many, whichever are more, and so tells misread words from misplaced ones.

use std::{collections::HashMap, ops::AddAssign};

/// Errors and the number of words they were made in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Words that are on the pages.
    pub words: usize,
    /// Edits, in reading order.
    pub errors: usize,
    /// Words missing or too many, in any order.
    pub bag_errors: usize,
}

impl Score {
    /// Compares one page's words, as white space separates them.
    #[must_use]
    pub fn of(known: &str, read: &str) -> Self {
        let (known, read) = (words(known), words(read));
        Self {
            words: known.len(),
            errors: strsim::generic_levenshtein(&known, &read),
            bag_errors: bag_distance(&known, &read),
        }
    }

    /// The word error rate, in reading order.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.errors as f64 / self.words.max(1) as f64
    }

    /// The word error rate, in any order.
    #[must_use]
    pub fn bag_rate(self) -> f64 {
        self.bag_errors as f64 / self.words.max(1) as f64
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.words += other.words;
        self.errors += other.errors;
        self.bag_errors += other.bag_errors;
    }
}

/// Curly and straight quotes, and dashes of any length, are the same to a reader.
fn words(text: &str) -> Vec<String> {
    let plain = text.chars().map(|char| match char {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    });
    plain.collect::<String>().split_whitespace().map(str::to_owned).collect()
}

fn bag_distance(known: &[String], read: &[String]) -> usize {
    let mut bag: HashMap<&str, i64> = HashMap::new();
    for word in known {
        *bag.entry(word).or_default() += 1;
    }
    for word in read {
        *bag.entry(word).or_default() -= 1;
    }
    let missing: i64 = bag.values().filter(|count| **count > 0).sum();
    let too_many: i64 = -bag.values().filter(|count| **count < 0).sum::<i64>();
    usize::try_from(missing.max(too_many)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(known: &str, read: &str) -> (usize, usize) {
        let score = Score::of(known, read);
        (score.errors, score.bag_errors)
    }

    #[test]
    fn every_word_misread_missed_or_invented_is_one_error() {
        assert_eq!(errors("take one tablet daily", "take one tablet daily"), (0, 0));
        assert_eq!(errors("take one tablet daily", "take ono tablet daily"), (1, 1));
        assert_eq!(errors("take one tablet daily", "take tablet daily"), (1, 1));
        assert_eq!(errors("take one tablet daily", "take one . tablet daily"), (1, 1));
        assert_eq!(errors("take one tablet", ""), (3, 3));
        assert_eq!(errors("", "| |"), (2, 2));
    }

    #[test]
    fn words_in_the_wrong_order_are_errors_of_reading_but_not_of_recognition() {
        assert_eq!(errors("sodium 140 potassium 4.1", "sodium potassium 140 4.1"), (2, 0));
    }

    #[test]
    fn the_shape_of_quotes_and_dashes_does_not_count() {
        assert_eq!(errors("patient's follow-up - \"well\"", "patient’s follow‐up — “well”"), (0, 0));
    }

    #[test]
    fn rates_are_parts_of_the_words_that_are_there() {
        let mut all = Score::of("a b c d", "a b c x");
        all += Score::of("e f g h", "e f g h");
        assert_eq!((all.rate(), all.bag_rate()), (0.125, 0.125));
    }
}
