//! Words to read lone letters beside: found among those of the same picture that were read well.

use std::ops::RangeInclusive;

use hayro::kurbo::Rect;

use super::tesseract::Found;
use crate::{
    preprocess::Prepared,
    segmentation::{Carrier, Strip},
};

/// A carrier is read with at least this confidence, 0 to 100, and has so many letters: few, as each is read every time.
const SURE: f64 = 90.0;
const LETTERS: RangeInclusive<usize> = 3..=4;
/// Of so many carriers the one is taken that is as high as what is read beside it.
const ENOUGH: usize = 8;
/// What has no more letters than this is lone.
pub(super) const LONE: usize = 3;

/// Words of a picture that were read well.
#[derive(Default)]
pub(super) struct Carriers(Vec<Carrier>);

impl Carriers {
    /// Takes a word of a strip that has been read, unless there are enough.
    pub(super) fn learn(&mut self, picture: &Prepared, strip: &Strip, words: &[Found]) {
        if self.0.len() >= ENOUGH {
            return;
        }
        let letters_of = |word: &Found| -> Vec<Rect> {
            strip.letters.iter().filter(|letter| word.area.contains(letter.center())).copied().collect()
        };
        let carrier = words
            .iter()
            .filter(|word| is_carrier(word))
            .map(letters_of)
            .find(|letters| LETTERS.contains(&letters.len()))
            .and_then(|letters| Carrier::new(picture, strip, &letters));
        self.0.extend(carrier);
    }

    /// The one to read a strip beside, if it is lone.
    pub(super) fn of_strip(&self, strip: &Strip) -> Option<&Carrier> {
        self.nearest(strip.letter_height).filter(|_| strip.letters.len() <= LONE)
    }

    /// The one for letters of this height, in pixels.
    pub(super) fn nearest(&self, height: f64) -> Option<&Carrier> {
        let distance = |carrier: &&Carrier| (carrier.height - height).abs();
        self.0.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }
}

/// Whether the word is as high as a digit and stands on its line.
fn is_carrier(word: &Found) -> bool {
    let is_high = |letter: char| letter.is_uppercase() || "bdfhklt".contains(letter);
    word.confidence >= SURE
        && word.text.chars().all(|letter| letter.is_alphabetic() && !"gjpqyQJ".contains(letter))
        && word.text.contains(is_high)
}
