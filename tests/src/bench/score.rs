//! The word error rate against the ground truth.
//!
//! Both rates are relative to the words of the ground truth. The word error rate (WER) counts the fewest insertions,
//! deletions and substitutions that turn the recognised words into those of the ground truth, in reading order: a table that
//! is read column by column is wrong, because its values are no longer beside their tests. The bag-of-words error rate
//! ignores the order. It counts missing words or surplus words, whichever are more, and so tells misread words from misplaced
//! ones.

use std::{collections::HashMap, ops::AddAssign};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WordErrors {
    /// Words of the ground truth.
    pub words: usize,
    /// Insertions, deletions and substitutions, in reading order.
    pub errors: usize,
    /// Missing or surplus words, in any order.
    pub bag_errors: usize,
}

impl WordErrors {
    /// Compares the words of one page.
    #[must_use]
    pub fn compare(ground_truth: &str, recognised: &str) -> Self {
        let (truth, recognised) = (normalised_words(ground_truth), normalised_words(recognised));
        Self {
            words: truth.len(),
            errors: strsim::generic_levenshtein(&truth, &recognised),
            bag_errors: bag_distance(&truth, &recognised),
        }
    }

    /// The word error rate, in reading order.
    #[must_use]
    pub fn error_rate(self) -> f64 {
        self.errors as f64 / self.words.max(1) as f64
    }

    /// The word error rate, in any order.
    #[must_use]
    pub fn bag_error_rate(self) -> f64 {
        self.bag_errors as f64 / self.words.max(1) as f64
    }
}

/// The words of a page that `other` has and `recognised` lacks, as often as that is so.
#[must_use]
pub fn words_only_in_other(ground_truth: &str, recognised: &str, other: &str) -> Vec<String> {
    let (mut own, mut others) = (normalised_words(recognised), normalised_words(other));
    let mut take = |word: &String| {
        let is_in = |words: &mut Vec<String>| {
            words.iter().position(|known| known == word).map(|at| words.swap_remove(at)).is_some()
        };
        (is_in(&mut own), is_in(&mut others))
    };
    normalised_words(ground_truth).into_iter().filter(|word| take(word) == (false, true)).collect()
}

impl AddAssign for WordErrors {
    fn add_assign(&mut self, other: Self) {
        self.words += other.words;
        self.errors += other.errors;
        self.bag_errors += other.bag_errors;
    }
}

/// The words between white space, with curly quotes as straight ones and all dashes as hyphens.
fn normalised_words(text: &str) -> Vec<String> {
    let plain = text.chars().map(|char| match char {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    });
    plain.collect::<String>().split_whitespace().map(str::to_owned).collect()
}

fn bag_distance(truth: &[String], recognised: &[String]) -> usize {
    let mut bag: HashMap<&str, i64> = HashMap::new();
    for word in truth {
        *bag.entry(word).or_default() += 1;
    }
    for word in recognised {
        *bag.entry(word).or_default() -= 1;
    }
    let missing: i64 = bag.values().filter(|count| **count > 0).sum();
    let surplus: i64 = -bag.values().filter(|count| **count < 0).sum::<i64>();
    usize::try_from(missing.max(surplus)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(truth: &str, recognised: &str) -> (usize, usize) {
        let errors = WordErrors::compare(truth, recognised);
        (errors.errors, errors.bag_errors)
    }

    #[test]
    fn each_substitution_deletion_or_insertion_is_one_error() {
        assert_eq!(errors("take one tablet daily", "take one tablet daily"), (0, 0));
        assert_eq!(errors("take one tablet daily", "take ono tablet daily"), (1, 1));
        assert_eq!(errors("take one tablet daily", "take tablet daily"), (1, 1));
        assert_eq!(errors("take one tablet daily", "take one . tablet daily"), (1, 1));
        assert_eq!(errors("take one tablet", ""), (3, 3));
        assert_eq!(errors("", "| |"), (2, 2));
    }

    #[test]
    fn misplaced_words_count_in_the_wer_but_not_in_the_bag() {
        assert_eq!(errors("sodium 140 potassium 4.1", "sodium potassium 140 4.1"), (2, 0));
    }

    #[test]
    fn kinds_of_quotes_and_dashes_do_not_count() {
        assert_eq!(errors("patient's follow-up - \"well\"", "patient’s follow‐up — “well”"), (0, 0));
    }

    #[test]
    fn words_that_only_the_other_reads_are_listed_each_time() {
        let truth = "potassium 4.1 sodium 140 sodium";
        let only = words_only_in_other(truth, "potassium 41 sodium 14O", "potassium 4.1 sodium 140 sodium");
        assert_eq!(only, ["4.1", "140", "sodium"]);
        assert!(words_only_in_other(truth, truth, truth).is_empty());
        assert!(words_only_in_other(truth, "potassium", "potassium").is_empty());
    }

    #[test]
    fn rates_are_relative_to_the_ground_truth() {
        let mut all = WordErrors::compare("a b c d", "a b c x");
        all += WordErrors::compare("e f g h", "e f g h");
        assert_eq!((all.error_rate(), all.bag_error_rate()), (0.125, 0.125));
    }
}
