//! Context words: words of the same page that were recognised with high confidence. An isolated glyph is recognised beside
//! one of them, so that the LSTM sees a line.

use std::ops::RangeInclusive;

use hayro::kurbo::Rect;

use super::tesseract::OcrWord;
use crate::{
    preprocess::PreprocessedPage,
    segmentation::{ContextWord, TextLine},
};

/// The least confidence of a context word.
const MIN_CONFIDENCE_PERCENT: f64 = 90.0;
/// The number of its letters: few, as they are recognised again each time.
const LETTER_COUNT: RangeInclusive<usize> = 3..=4;
/// The number of context words to choose from: the one that is as high as the text beside it is taken.
const MAX_WORDS: usize = 8;
/// Text with no more letters is isolated.
pub(super) const MAX_ISOLATED_LETTERS: usize = 3;

/// The context words of a page.
#[derive(Default)]
pub(super) struct ContextWords(Vec<ContextWord>);

impl ContextWords {
    /// Adds a word of a recognised line, unless there are enough.
    pub(super) fn add_from_line(&mut self, page: &PreprocessedPage, line: &TextLine, words: &[OcrWord]) {
        if self.0.len() >= MAX_WORDS {
            return;
        }
        let letters_of = |word: &OcrWord| -> Vec<Rect> {
            line.letters.iter().filter(|letter| word.bounds.contains(letter.center())).copied().collect()
        };
        let context = words
            .iter()
            .filter(|word| is_suitable(word))
            .map(letters_of)
            .find(|letters| LETTER_COUNT.contains(&letters.len()))
            .and_then(|letters| ContextWord::from_letters(page, line, &letters));
        self.0.extend(context);
    }

    /// The context word for a line, if the line is isolated.
    pub(super) fn for_isolated_line(&self, line: &TextLine) -> Option<&ContextWord> {
        self.closest_in_height(line.letter_height).filter(|_| line.letters.len() <= MAX_ISOLATED_LETTERS)
    }

    /// The context word for letters of this height, in pixels.
    pub(super) fn closest_in_height(&self, height: f64) -> Option<&ContextWord> {
        let difference = |word: &&ContextWord| (word.height - height).abs();
        self.0.iter().min_by(|one, other| difference(one).total_cmp(&difference(other)))
    }
}

/// Whether the word is as high as a digit and has no descender.
fn is_suitable(word: &OcrWord) -> bool {
    let is_high = |letter: char| letter.is_uppercase() || "bdfhklt".contains(letter);
    word.confidence >= MIN_CONFIDENCE_PERCENT
        && word.text.chars().all(|letter| letter.is_alphabetic() && !"gjpqyQJ".contains(letter))
        && word.text.contains(is_high)
}
