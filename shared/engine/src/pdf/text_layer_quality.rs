//! Assesses the text layer of a page: which of its words are usable, and which regions need OCR instead.

use hayro::kurbo::Rect;

use super::{
    content_recorder::RecordedContent,
    glyphs::{PositionedGlyph, UNKNOWN_CHAR},
    ocr_regions,
    words::{PageWords, build_words},
};
use maneiro_page::Word;

use crate::{
    geometry::{bbox_center, rect_from_bbox},
    inspection::OcrRegion,
    layout::merge_layers::{self, PositionedWord},
};

/// The result of the assessment.
pub(super) enum TextLayerQuality {
    /// The page draws nothing.
    Blank,
    /// These words are usable, and these regions need OCR; there are no regions if the text layer is complete.
    Assessed { words: Vec<PositionedWord>, regions: Vec<OcrRegion> },
}

/// A text layer with a larger share of unknown characters is useless.
const MAX_UNKNOWN_SHARE: f64 = 0.05;
/// The share of words that must look like words, in a layer that the page shows.
const MIN_VISIBLE_PLAUSIBLE_SHARE: f64 = 0.5;
/// The same in an invisible layer that another program's OCR produced.
const MIN_HIDDEN_PLAUSIBLE_SHARE: f64 = 0.85;
/// The share of vowels among small Latin letters. Languages have about two in five; a shifted encoding gives one in five
/// or fewer.
const MIN_VOWEL_SHARE: f64 = 0.25;
/// Fewer letters are too few to judge by their vowels.
const MIN_VOWEL_LETTERS: usize = 100;
/// Fewer words are too few to judge by.
const MIN_JUDGED_WORDS: usize = 20;
/// Consecutive lines with at least this many implausible words are an unusable passage.
const MIN_PASSAGE_ERRORS: usize = 6;
/// The mean length of a word, for text whose word spaces are unknown.
const MEAN_WORD_CHARS: usize = 5;
/// The longest run of consonants in a word, and in an abbreviation in capitals.
const MAX_CONSONANTS: usize = 5;
const MAX_CAPITAL_CONSONANTS: usize = 6;
/// A longer run of punctuation, except for a rule or leader dots, is implausible.
const MAX_PUNCTUATION_CHARS: usize = 3;

/// Assesses the text layer of a page.
pub(super) fn assess(content: &RecordedContent) -> TextLayerQuality {
    if content.glyphs.iter().all(PositionedGlyph::is_space) {
        return if content.images.is_empty() && !content.has_shapes {
            TextLayerQuality::Blank
        } else {
            TextLayerQuality::Assessed { words: Vec::new(), regions: ocr_regions::whole_page(content) }
        };
    }
    let PageWords { visible, hidden } = build_words(&content.glyphs, content.width, content.height);
    let Some((words, mut unusable_areas)) = usable_part(visible) else {
        return TextLayerQuality::Assessed { words: Vec::new(), regions: ocr_regions::whole_page(content) };
    };
    let (mut words, incomplete_lines) = split_off_incomplete_words(words);
    unusable_areas.extend(incomplete_lines);
    // A few invisible words are more likely a remnant than the text of an image.
    let counts = CharacterCounts::from_positioned(&hidden);
    let is_hidden_usable =
        counts.judged_words >= MIN_JUDGED_WORDS && counts.is_usable(MIN_HIDDEN_PLAUSIBLE_SHARE);
    let hidden = if is_hidden_usable { hidden } else { Vec::new() };
    let is_read =
        |image: Rect| hidden.iter().any(|positioned| image.contains(bbox_center(&positioned.word.bbox)));
    let regions = ocr_regions::regions_to_recognise(content, is_read, &unusable_areas);
    words.extend(hidden);
    let regions = if words.is_empty() { ocr_regions::whole_page(content) } else { regions };
    TextLayerQuality::Assessed { words, regions }
}

/// The usable words, and the areas of the unusable passages; `None` if nothing is usable.
fn usable_part(words: Vec<PositionedWord>) -> Option<(Vec<PositionedWord>, Vec<Rect>)> {
    let counts = CharacterCounts::from_positioned(&words);
    if counts.implausible_words() < MIN_PASSAGE_ERRORS && counts.is_usable(MIN_VISIBLE_PLAUSIBLE_SHARE) {
        return Some((words, Vec::new()));
    }
    let mut usable = Vec::new();
    let mut unusable_areas = Vec::new();
    let mut passage: Vec<PositionedWord> = Vec::new();
    let mut end_passage = |passage: &mut Vec<PositionedWord>, usable: &mut Vec<PositionedWord>| {
        let passage = std::mem::take(passage);
        if CharacterCounts::from_positioned(&passage).implausible_words() < MIN_PASSAGE_ERRORS {
            usable.extend(passage);
        } else {
            unusable_areas.extend(passage_area(&passage));
        }
    };
    for line in merge_layers::group_into_lines(words) {
        if CharacterCounts::from_positioned(&line).is_mostly_implausible() {
            passage.extend(line);
        } else {
            end_passage(&mut passage, &mut usable);
            usable.extend(line);
        }
    }
    end_passage(&mut passage, &mut usable);
    let rest = CharacterCounts::from_positioned(&usable);
    rest.is_usable(MIN_VISIBLE_PLAUSIBLE_SHARE).then_some((usable, unusable_areas))
}

/// Splits off the words that lack a letter, as those with a ligature that the file does not map, and gives the areas of
/// their lines: among other words they are read better. The words that are known stay.
fn split_off_incomplete_words(words: Vec<PositionedWord>) -> (Vec<PositionedWord>, Vec<Rect>) {
    if !words.iter().any(is_incomplete) {
        return (words, Vec::new());
    }
    let (mut complete, mut areas) = (Vec::new(), Vec::new());
    for line in merge_layers::group_into_lines(words) {
        if line.iter().any(is_incomplete) {
            areas.extend(passage_area(&line));
        }
        complete.extend(line.into_iter().filter(|word| !is_incomplete(word)));
    }
    (complete, areas)
}

/// Whether a word has letters, and characters that the file does not identify. One of the latter alone is a bullet.
fn is_incomplete(positioned: &PositionedWord) -> bool {
    let text = &positioned.word.text;
    text.contains(UNKNOWN_CHAR) && text.chars().any(char::is_alphanumeric)
}

/// The area of these words, with the margin that OCR needs.
fn passage_area(words: &[PositionedWord]) -> Option<Rect> {
    let bbox = words.iter().map(|positioned| positioned.word.bbox).reduce(|all, bbox| all.union(&bbox))?;
    let line_height = words
        .iter()
        .map(|positioned| positioned.layout_box.y1 - positioned.layout_box.y0)
        .fold(0.0, f64::max);
    Some(rect_from_bbox(bbox).inflate(line_height, line_height / 2.0))
}

/// Counts by which words are judged.
#[derive(Debug, Default)]
struct CharacterCounts {
    /// The words whose shape can be judged, and those of them that look like words.
    judged_words: usize,
    plausible_words: usize,
    characters: usize,
    /// The characters that the file does not identify.
    unknown: usize,
    /// The small Latin letters, and the vowels among them.
    letters: usize,
    vowels: usize,
}

impl CharacterCounts {
    fn from_positioned(words: &[PositionedWord]) -> CharacterCounts {
        let mut counts = CharacterCounts::default();
        words.iter().for_each(|positioned| counts.add(&positioned.word));
        counts
    }

    fn add(&mut self, word: &Word) {
        let unknown_before = self.unknown;
        for char in word.text.chars() {
            self.characters += 1;
            self.unknown += usize::from(char == UNKNOWN_CHAR);
            if char.is_ascii_lowercase() {
                self.letters += 1;
                self.vowels += usize::from("aeiou".contains(char));
            }
        }
        if self.unknown == unknown_before
            && let Some(is_plausible) = looks_like_word(&word.text)
        {
            self.judged_words += 1;
            self.plausible_words += usize::from(is_plausible);
        }
    }

    /// The number of implausible words. Where characters are unknown, so are the spaces between words.
    fn implausible_words(&self) -> usize {
        self.judged_words - self.plausible_words + self.unknown.div_ceil(MEAN_WORD_CHARS)
    }

    fn is_mostly_implausible(&self) -> bool {
        self.implausible_words() > self.plausible_words
    }

    /// Whether the characters are known, and at least this share of the words look like words.
    fn is_usable(&self, min_plausible_share: f64) -> bool {
        let are_known = self.unknown as f64 <= MAX_UNKNOWN_SHARE * self.characters as f64;
        let are_too_few = self.judged_words < MIN_JUDGED_WORDS;
        let are_plausible = self.plausible_words as f64 >= min_plausible_share * self.judged_words as f64
            && self.has_vowels();
        are_known && (are_too_few || are_plausible)
    }

    fn has_vowels(&self) -> bool {
        self.letters < MIN_VOWEL_LETTERS || self.vowels as f64 >= MIN_VOWEL_SHARE * self.letters as f64
    }
}

/// Whether a word has the shape of one; `None` if its shape says nothing, as for single punctuation marks.
fn looks_like_word(text: &str) -> Option<bool> {
    let core = text.trim_matches(|char: char| !char.is_alphanumeric());
    if core.is_empty() {
        // A long run of punctuation is garbage; a bullet or a dash is not.
        return (text.chars().count() > MAX_PUNCTUATION_CHARS
            && !text.chars().all(|char| "-_.=*•·…".contains(char)))
        .then_some(false);
    }
    if core.chars().any(|char| char.is_ascii_digit()) {
        // Numbers, dates, doses and codes contain only the punctuation that belongs to them.
        return Some(
            core.chars().all(|char| char.is_alphanumeric() || ".,:;/-+%°()'’#&@_µ×=<>".contains(char)),
        );
    }
    if !core.chars().any(|char| char.is_ascii_alphabetic()) {
        // The shape of other scripts says nothing here.
        return None;
    }
    let inner_punctuation =
        core.chars().filter(|char| !char.is_alphanumeric() && !"-'’./&,()".contains(*char)).count();
    if inner_punctuation > 0 {
        return Some(false);
    }
    let longest_consonants = core
        .split(|char: char| {
            !char.is_alphabetic() || "aeiouyAEIOUYäöüáéíóúàèìòùâêîôûåæøœÄÖÜÁÉÍÓÚÅÆØ".contains(char)
        })
        .map(|run| run.chars().count())
        .max()
        .unwrap_or(0);
    let is_in_capitals = core.chars().all(|char| !char.is_lowercase());
    Some(longest_consonants <= if is_in_capitals { MAX_CAPITAL_CONSONANTS } else { MAX_CONSONANTS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_doses_are_plausible_and_shifted_text_is_not() {
        for word in
            ["Patient", "b.i.d.", "12/03/2024", "5mg", "7.35", "pH", "MRI", "(left)", "O'Brien", "HbA1c"]
        {
            assert_eq!(looks_like_word(word), Some(true), "{word}");
        }
        for word in ["Sdwlhqw", "a~|b", "$%&/(", "d^h"] {
            assert_eq!(looks_like_word(word), Some(false), "{word}");
        }
        assert_eq!(looks_like_word("•"), None);
        assert_eq!(looks_like_word("病人"), None);
    }
}
