//! Aligns two pages word by word: which words agree, which do not, and whether a difference is sure.

use std::collections::HashMap;

use super::compared_word::ComparedWord;
use crate::geometry::median;

/// At least this share of the letters of two pages must agree.
const MIN_SIMILARITY_RATIO: f32 = 0.75;
/// And at least this share of their numbers, whatever their confidence.
const MIN_NUMBER_AGREEMENT_RATIO: f32 = 0.85;
/// Two numbers with the same digits and separators have widths in at least this ratio.
const MIN_WIDTH_RATIO: f32 = 0.9;
/// A dropped word leaves a gap of at least this share of its width, and a space of this share of the letter height.
const MIN_DROPPED_WIDTH_RATIO: f32 = 0.6;
const MIN_SPACE_RATIO: f32 = 0.4;
/// At least this share of a misread word is right.
const MIN_WORD_SIMILARITY_RATIO: f32 = 0.65;
/// Words with more letters than this give the scale between two pages.
const MIN_SCALE_CHARS: usize = 5;

/// Two pages, aligned.
pub(super) struct PageAlignment<'w> {
    /// The letters of both pages, and how many of them agree.
    letters: usize,
    agreeing_letters: f32,
    numbers: usize,
    agreeing_numbers: usize,
    mismatches: Vec<Mismatch<'w>>,
    /// Words with the same key. Numbers among them may have different separators.
    pairs: Vec<(&'w ComparedWord, &'w ComparedWord)>,
}

/// Words between two pairs that do not agree.
struct Mismatch<'w> {
    a: Vec<&'w ComparedWord>,
    b: Vec<&'w ComparedWord>,
    /// Whether one page has no words here and no gap for those of the other.
    lacks_gap: bool,
}

impl<'w> PageAlignment<'w> {
    pub(super) fn new(a: &'w [ComparedWord], b: &'w [ComparedWord]) -> PageAlignment<'w> {
        let letters = |words: &[ComparedWord]| words.iter().map(ComparedWord::key_chars).sum::<usize>();
        let numbers = [a, b].iter().map(|words| words.iter().filter(|word| word.is_number()).count()).sum();
        let mut alignment = PageAlignment {
            letters: letters(a) + letters(b),
            agreeing_letters: 0.0,
            numbers,
            agreeing_numbers: 0,
            mismatches: Vec::new(),
            pairs: Vec::new(),
        };
        let (mut from_a, mut from_b) = (0, 0);
        for (at_a, at_b) in longest_common_subsequence(a, b).into_iter().chain([(a.len(), b.len())]) {
            let lacks_gap = match (from_a == at_a, from_b == at_b) {
                (false, true) => !has_gap_for(&a[from_a..at_a], b, from_b),
                (true, false) => !has_gap_for(&b[from_b..at_b], a, from_a),
                (true, true) | (false, false) => false,
            };
            alignment.compare_between_pairs(
                a[from_a..at_a].iter().collect(),
                b[from_b..at_b].iter().collect(),
                lacks_gap,
            );
            if let (Some(one), Some(other)) = (a.get(at_a), b.get(at_b)) {
                alignment.add_pair(one, other);
            }
            (from_a, from_b) = (at_a + 1, at_b + 1);
        }
        alignment.cancel_reordered();
        alignment
    }

    fn add_pair(&mut self, one: &'w ComparedWord, other: &'w ComparedWord) {
        self.add_agreement(&[one], &[other], 1.0);
        self.pairs.push((one, other));
    }

    /// Counts this share of the words' letters as agreeing.
    fn add_agreement(&mut self, a: &[&ComparedWord], b: &[&ComparedWord], share: f32) {
        for word in a.iter().chain(b) {
            self.agreeing_letters += share * word.key_chars() as f32;
            self.agreeing_numbers += usize::from(word.is_number());
        }
    }

    /// Compares the words between two pairs. They are joined, because OCR may join or split words.
    fn compare_between_pairs(&mut self, a: Vec<&'w ComparedWord>, b: Vec<&'w ComparedWord>, lacks_gap: bool) {
        if a.is_empty() && b.is_empty() {
            return;
        }
        let joined = |words: &[&ComparedWord]| words.iter().map(|word| word.key.as_str()).collect::<String>();
        let similarity = word_similarity(&joined(&a), &joined(&b));
        let digits = |words: &[&ComparedWord]| {
            words.iter().filter(|word| word.is_number()).flat_map(|word| word.key.chars()).collect::<String>()
        };
        let has_same_numbers = similarity >= 1.0 || digits(&a) == digits(&b);
        if similarity >= MIN_WORD_SIMILARITY_RATIO && has_same_numbers {
            self.add_agreement(&a, &b, similarity);
        } else {
            self.mismatches.push(Mismatch { a, b, lacks_gap });
        }
    }

    /// Removes from the mismatches the words that the other page has elsewhere: reading order may differ.
    fn cancel_reordered(&mut self) {
        let mut unmatched: HashMap<&str, Vec<&'w ComparedWord>> = HashMap::new();
        for word in self.mismatches.iter().flat_map(|mismatch| &mismatch.b) {
            unmatched.entry(&word.key).or_default().push(word);
        }
        let mut reordered = Vec::new();
        for mismatch in &mut self.mismatches {
            mismatch.a.retain(|word| {
                let Some(other) = unmatched.get_mut(word.key.as_str()).and_then(Vec::pop) else {
                    return true;
                };
                reordered.push((*word, other));
                false
            });
        }
        for mismatch in &mut self.mismatches {
            mismatch.b.retain(|word| !reordered.iter().any(|(_, other)| std::ptr::eq(*other, *word)));
        }
        for (one, other) in reordered {
            self.add_pair(one, other);
        }
    }

    /// Whether one of two numbers with the same digits has a decimal point that the other surely lacks: a point that OCR
    /// dropped leaves its width.
    fn has_different_separators(&self, are_exact: bool) -> bool {
        let ratio =
            |(one, other): &(&ComparedWord, &ComparedWord)| other.bbox.width() / one.bbox.width().max(0.1);
        let long_words = self.pairs.iter().filter(|(one, _)| one.key_chars() >= MIN_SCALE_CHARS);
        let scale = median(long_words.map(ratio).map(f64::from)).map_or(1.0, |scale| scale as f32);
        self.pairs.iter().any(|pair| match (&pair.0.number, &pair.1.number) {
            (Some(one), Some(other)) if separator_positions(one) != separator_positions(other) => {
                let ratio = ratio(pair) / scale;
                are_exact || !(MIN_WIDTH_RATIO..1.0 / MIN_WIDTH_RATIO).contains(&ratio)
            }
            (Some(_) | None, Some(_) | None) => false,
        })
    }

    /// The share of the letters that agree, if no difference is sure. `are_exact` if neither page can be misread.
    pub(super) fn similarity(&self, are_exact: bool) -> Option<f32> {
        if self.has_different_separators(are_exact) {
            return None;
        }
        if self.mismatches.iter().any(|mismatch| mismatch.is_decisive(are_exact)) {
            return None;
        }
        let similarity = self.agreeing_letters / self.letters as f32;
        let numbers_agree = self.agreeing_numbers as f32 >= MIN_NUMBER_AGREEMENT_RATIO * self.numbers as f32;
        (similarity >= MIN_SIMILARITY_RATIO && numbers_agree).then(|| similarity.min(1.0))
    }
}

impl Mismatch<'_> {
    /// Whether the two pages surely differ here.
    fn is_decisive(&self, are_exact: bool) -> bool {
        let has = |words: &[&ComparedWord], matches: fn(&ComparedWord) -> bool| {
            words.iter().any(|word| !word.is_at_edge && matches(word))
        };
        if are_exact {
            return has(&self.a, |_| true) || has(&self.b, |_| true);
        }
        // A number that is sure on one page may be misread on the other.
        let has_sure = |words: &[&ComparedWord]| has(words, |word| word.is_number() && word.is_sure());
        let has_doubtful =
            |words: &[&ComparedWord]| words.iter().any(|word| word.is_number() && !word.is_sure());
        let has_different_number =
            (has_sure(&self.a) && !has_doubtful(&self.b)) || (has_sure(&self.b) && !has_doubtful(&self.a));
        has_different_number || self.has_different_words() || self.has_extra_word()
    }

    /// Whether one page has sure words where the other has no gap for them.
    fn has_extra_word(&self) -> bool {
        let is_sure = |word: &&ComparedWord| word.is_sure() && !word.is_at_edge && word.key_chars() > 1;
        self.lacks_gap && self.a.iter().chain(&self.b).any(is_sure)
    }

    /// Whether sure words of one page are in the place of sure words of the other.
    fn has_different_words(&self) -> bool {
        let are_sure = |words: &[&ComparedWord]| {
            words.iter().all(|word| word.is_sure() && !word.is_at_edge)
                && words.iter().map(|word| word.key_chars()).sum::<usize>() > 2
        };
        are_sure(&self.a) && are_sure(&self.b)
    }
}

/// The longest common subsequence of two pages' words, as pairs of indices.
fn longest_common_subsequence(a: &[ComparedWord], b: &[ComparedWord]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut lengths = vec![0_u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i * width + j] = if a[i].key == b[j].key {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].key == b[j].key {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Whether a page has a gap for these words before its word `before`. It has none if the words around the place are on
/// one line, side by side.
fn has_gap_for(words: &[ComparedWord], page: &[ComparedWord], before: usize) -> bool {
    let neighbours = before.checked_sub(1).and_then(|last| Some((page[last].bbox, page.get(before)?.bbox)));
    neighbours.is_none_or(|(last, next)| {
        let height = last.height().min(next.height());
        let are_on_one_line = (last.y0 + last.y1 - next.y0 - next.y1).abs() < height;
        let width: f32 = words.iter().map(|word| word.bbox.width()).sum();
        let is_narrow = next.x0 - last.x1 < MIN_DROPPED_WIDTH_RATIO * width + MIN_SPACE_RATIO * height;
        !(are_on_one_line && is_narrow)
    })
}

/// The positions of the characters that separate the digits of a number.
fn separator_positions(number: &str) -> Vec<usize> {
    let separators = number.char_indices().filter(|(_, char)| !char.is_alphanumeric());
    separators.map(|(at, _)| at).collect()
}

/// The share of two words that agrees, 0 to 1: one less their edit distance as a share of the longer word.
fn word_similarity(one: &str, other: &str) -> f32 {
    let max_chars = one.chars().count().max(other.chars().count()).max(1);
    1.0 - strsim::levenshtein(one, other) as f32 / max_chars as f32
}
