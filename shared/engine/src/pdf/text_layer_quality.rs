//! Whether a page's own text can be trusted, or must be recognised from its picture.

use hayro::kurbo::Rect;

use super::{
    content_recorder::Trace,
    glyphs::{Placed, UNKNOWN},
    ocr_regions::{self, Region},
    words::{self, Words},
};
use maneiro_page::{BBox, Word};

use crate::layout::merge_layers::{self, Standing};

/// What to do with a page.
pub(super) enum Verdict {
    /// It draws nothing.
    Blank,
    /// These words of its text are sound, and these parts of it must be recognised; none if its text says it all.
    Shows { words: Vec<Standing>, regions: Vec<Region> },
}

/// The share of characters that are not known which makes a layer useless.
const MAX_UNKNOWN: f64 = 0.05;
/// The share of words that must look like words, in a layer that the page shows.
const SHOWN_PLAUSIBLE: f64 = 0.5;
/// The same for a layer that somebody else's recognition left behind.
const HIDDEN_PLAUSIBLE: f64 = 0.85;
/// The least share of vowels among small letters.
const LEAST_VOWELS: f64 = 0.25;
/// Fewer words than this are too few to judge by.
const FEW_WORDS: usize = 20;
/// Lines that follow each other are an unsound passage if at least so many of their words are unsound.
const PASSAGE: usize = 6;

/// A word has about so many characters.
const WORD_LENGTH: usize = 5;

pub(super) fn judge(trace: &Trace) -> Verdict {
    if trace.glyphs.iter().all(Placed::is_space) {
        return if trace.images.is_empty() && !trace.has_shapes {
            Verdict::Blank
        } else {
            Verdict::Shows { words: Vec::new(), regions: ocr_regions::whole(trace) }
        };
    }
    let Words { shown, hidden } = words::of(&trace.glyphs, trace.width, trace.height);
    let Some((mut words, unsound)) = sound_part(shown) else {
        return Verdict::Shows { words: Vec::new(), regions: ocr_regions::whole(trace) };
    };
    // An invisible layer of a few words is more likely a remnant than what its picture says.
    let tally = Tally::of(hidden.iter().map(|standing| &standing.word));
    let read =
        if tally.judged >= FEW_WORDS && tally.is_sound(HIDDEN_PLAUSIBLE) { hidden } else { Vec::new() };
    let is_read = |picture: Rect| read.iter().any(|standing| picture.contains(middle(&standing.word.bbox)));
    let regions = ocr_regions::to_recognise(trace, is_read, &unsound);
    words.extend(read);
    let regions = if words.is_empty() { ocr_regions::whole(trace) } else { regions };
    Verdict::Shows { words, regions }
}

fn middle(bbox: &BBox) -> (f64, f64) {
    (f64::from(bbox.x0 + bbox.x1) / 2.0, f64::from(bbox.y0 + bbox.y1) / 2.0)
}

/// The words that can be trusted, and the areas of the passages that cannot; `None` if all is unsound.
fn sound_part(words: Vec<Standing>) -> Option<(Vec<Standing>, Vec<Rect>)> {
    let tally = Tally::of(words.iter().map(|standing| &standing.word));
    if tally.unsound() < PASSAGE && tally.is_sound(SHOWN_PLAUSIBLE) {
        return Some((words, Vec::new()));
    }
    let mut sound = Vec::new();
    let mut areas = Vec::new();
    let mut passage: Vec<Standing> = Vec::new();
    let mut close = |passage: &mut Vec<Standing>, sound: &mut Vec<Standing>| {
        let passage = std::mem::take(passage);
        if Tally::of(passage.iter().map(|standing| &standing.word)).unsound() < PASSAGE {
            sound.extend(passage);
        } else {
            areas.extend(area(&passage));
        }
    };
    for line in merge_layers::in_lines(words) {
        if Tally::of(line.iter().map(|standing| &standing.word)).is_mostly_unsound() {
            passage.extend(line);
        } else {
            close(&mut passage, &mut sound);
            sound.extend(line);
        }
    }
    close(&mut passage, &mut sound);
    let rest = Tally::of(sound.iter().map(|standing| &standing.word));
    rest.is_sound(SHOWN_PLAUSIBLE).then_some((sound, areas))
}

/// Where these words stand, with the margin that recognition needs.
fn area(words: &[Standing]) -> Option<Rect> {
    let bbox = words.iter().map(|standing| standing.word.bbox).reduce(|all, bbox| all.union(&bbox))?;
    let margin = words.iter().map(|standing| standing.item.y1 - standing.item.y0).fold(0.0, f64::max);
    let [x0, y0, x1, y1] = [bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(f64::from);
    Some(Rect::new(x0, y0, x1, y1).inflate(margin, margin / 2.0))
}

/// What can be counted of some words to tell whether they are what the page says.
#[derive(Debug, Default)]
struct Tally {
    /// Those that can be judged by their shape, and those of them that look right.
    judged: usize,
    plausible: usize,
    characters: usize,
    /// Those of which the file does not say what they are.
    unknown: usize,
    /// Small Latin letters, and the vowels among them.
    letters: usize,
    vowels: usize,
}

impl Tally {
    fn of<'w>(words: impl Iterator<Item = &'w Word>) -> Tally {
        let mut tally = Tally::default();
        for word in words {
            let before = tally.unknown;
            for char in word.text.chars() {
                tally.characters += 1;
                tally.unknown += usize::from(char == UNKNOWN);
                if char.is_ascii_lowercase() {
                    tally.letters += 1;
                    tally.vowels += usize::from("aeiou".contains(char));
                }
            }
            if tally.unknown == before
                && let Some(looks_right) = looks_like_a_word(&word.text)
            {
                tally.judged += 1;
                tally.plausible += usize::from(looks_right);
            }
        }
        tally
    }

    /// How many words are unsound. Where characters are unknown, so are the spaces between words.
    fn unsound(&self) -> usize {
        self.judged - self.plausible + self.unknown.div_ceil(WORD_LENGTH)
    }

    fn is_mostly_unsound(&self) -> bool {
        self.unsound() > self.plausible
    }

    /// Whether known characters make words, of which at least so many look like words.
    fn is_sound(&self, plausible: f64) -> bool {
        let is_known = self.unknown as f64 <= MAX_UNKNOWN * self.characters as f64;
        let too_few = self.judged < FEW_WORDS;
        let looks_right = self.plausible as f64 >= plausible * self.judged as f64 && self.has_vowels();
        is_known && (too_few || looks_right)
    }

    /// Whether the Latin letters have as many vowels among them as languages do: about two in five. A shifted
    /// encoding gives one in five or fewer.
    fn has_vowels(&self) -> bool {
        self.letters < 100 || self.vowels as f64 >= LEAST_VOWELS * self.letters as f64
    }
}

/// Whether a word has the shape of one; `None` if nothing can be said, as about single signs.
fn looks_like_a_word(text: &str) -> Option<bool> {
    let core = text.trim_matches(|char: char| !char.is_alphanumeric());
    if core.is_empty() {
        // A long run of signs only is garbage; a bullet or a dash is not.
        return (text.chars().count() > 3 && !text.chars().all(|char| "-_.=*•·…".contains(char)))
            .then_some(false);
    }
    if core.chars().any(|char| char.is_ascii_digit()) {
        // Numbers, dates, doses, codes: nothing inside but what belongs to them.
        return Some(
            core.chars().all(|char| char.is_alphanumeric() || ".,:;/-+%°()'’#&@_µ×=<>".contains(char)),
        );
    }
    if !core.chars().any(|char| char.is_ascii_alphabetic()) {
        // Other scripts have other shapes.
        return None;
    }
    let inside_signs =
        core.chars().filter(|char| !char.is_alphanumeric() && !"-'’./&,()".contains(*char)).count();
    if inside_signs > 0 {
        return Some(false);
    }
    let longest_without_vowel = core
        .split(|char: char| {
            !char.is_alphabetic() || "aeiouyAEIOUYäöüáéíóúàèìòùâêîôûåæøœÄÖÜÁÉÍÓÚÅÆØ".contains(char)
        })
        .map(|run| run.chars().count())
        .max()
        .unwrap_or(0);
    let all_capitals = core.chars().all(|char| !char.is_lowercase());
    Some(longest_without_vowel <= if all_capitals { 6 } else { 5 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_doses_look_right_and_shifted_letters_do_not() {
        for word in
            ["Patient", "b.i.d.", "12/03/2024", "5mg", "7.35", "pH", "MRI", "(left)", "O'Brien", "HbA1c"]
        {
            assert_eq!(looks_like_a_word(word), Some(true), "{word}");
        }
        for word in ["Sdwlhqw", "a~|b", "$%&/(", "d^h"] {
            assert_eq!(looks_like_a_word(word), Some(false), "{word}");
        }
        assert_eq!(looks_like_a_word("•"), None);
        assert_eq!(looks_like_a_word("病人"), None);
    }
}
