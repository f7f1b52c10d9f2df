//! Whether a page's own text can be trusted, or must be recognised from its picture.

use hayro::kurbo::Rect;

use super::{
    trace::{PlacedImage, Trace},
    words,
};
use crate::page::Line;

/// What to do with a page.
pub(super) enum Verdict {
    /// It draws nothing.
    Blank,
    /// Its text is sound: these are its lines.
    TextLayer(Vec<Line>),
    /// Its text is missing, unusable, or less than what its picture shows.
    Recognise,
}

/// Images that cover more of the page than this may hold text that matters.
const PASTED: f64 = 0.2;
/// With more text than this, in characters, a page with a picture is a page of text with a picture.
const MUCH_TEXT: usize = 400;
/// The share of glyphs without a known character that makes a layer useless.
const MAX_UNKNOWN: f64 = 0.05;
/// The share of words that must look like words, in a layer that the page shows.
const SHOWN_PLAUSIBLE: f64 = 0.5;
/// The same for a layer that somebody else's recognition left behind.
const HIDDEN_PLAUSIBLE: f64 = 0.85;
/// The least share of vowels among small letters.
const LEAST_VOWELS: f64 = 0.25;
/// Fewer words than this are too few to judge by.
const FEW_WORDS: usize = 20;

pub(super) fn judge(trace: &Trace) -> Verdict {
    let characters =
        |shown: bool| trace.glyphs.iter().filter(|glyph| glyph.visible == shown && !glyph.is_space()).count();
    let (shown, hidden) = (characters(true), characters(false));
    let unknown = trace.glyphs.iter().filter(|glyph| glyph.text.is_none()).count();
    let covered = covered(&trace.images, trace.width, trace.height);

    if shown + hidden == 0 {
        return if trace.images.is_empty() && !trace.has_shapes {
            Verdict::Blank
        } else {
            Verdict::Recognise
        };
    }
    if unknown as f64 > MAX_UNKNOWN * (shown + hidden) as f64 {
        return Verdict::Recognise;
    }
    let is_hidden = hidden > shown;
    if !is_hidden && shown < MUCH_TEXT && covered > PASTED {
        // A stamp, a page number or the line that a fax machine prints says little about the picture below.
        return Verdict::Recognise;
    }
    let lines = words::lines(&trace.glyphs, trace.width, trace.height);
    let (plausible, judged) = plausible_words(&lines);
    let enough = if is_hidden { HIDDEN_PLAUSIBLE } else { SHOWN_PLAUSIBLE };
    // An invisible layer of a few words is more likely a remnant than the page's text.
    let too_few = judged < FEW_WORDS;
    let is_plausible =
        if too_few { !is_hidden } else { plausible as f64 >= enough * judged as f64 && has_vowels(&lines) };
    if lines.is_empty() || !is_plausible { Verdict::Recognise } else { Verdict::TextLayer(lines) }
}

/// The share of the page that images cover. Overlapping ones count once as far as they lie on the largest.
fn covered(images: &[PlacedImage], width: f32, height: f32) -> f64 {
    let page = f64::from(width) * f64::from(height);
    let area = |rect: Rect| rect.width().max(0.0) * rect.height().max(0.0);
    let Some(largest) = images.iter().map(|image| image.area).max_by(|a, b| area(*a).total_cmp(&area(*b)))
    else {
        return 0.0;
    };
    let beside: f64 = images.iter().map(|image| area(image.area) - area(image.area.intersect(largest))).sum();
    ((area(largest) + beside) / page).min(1.0)
}

/// Whether the Latin letters have as many vowels among them as languages do: about two in five. A shifted encoding
/// gives one in five or fewer.
fn has_vowels(lines: &[Line]) -> bool {
    let letters = || {
        lines
            .iter()
            .flat_map(|line| &line.words)
            .flat_map(|word| word.text.chars())
            .filter(char::is_ascii_lowercase)
    };
    let vowels = letters().filter(|char| "aeiou".contains(*char)).count();
    letters().count() < 100 || vowels as f64 >= LEAST_VOWELS * letters().count() as f64
}

/// How many words look like words of some language, of how many that can be judged.
fn plausible_words(lines: &[Line]) -> (usize, usize) {
    let mut plausible = 0;
    let mut judged = 0;
    for word in lines.iter().flat_map(|line| &line.words) {
        if let Some(looks_right) = looks_like_a_word(&word.text) {
            judged += 1;
            plausible += usize::from(looks_right);
        }
    }
    (plausible, judged)
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
