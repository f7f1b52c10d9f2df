//! Re-OCR of low-resolution pages: recognises again the lines that are uncertain after Tesseract has read the page as a
//! whole. Tesseract's line finding misses words on sparse forms and joins what ruling lines and boxes separate; line by
//! line it reads many of them. Decides which lines to recognise again, and which of two readings to keep.

use hayro::kurbo::{Point, Rect};

use super::{
    context_words::ContextWords,
    line_recognition::recognise_line,
    number_verification::verify_numbers,
    tesseract::{OcrWord, Tesseract, mean_confidence},
};
use crate::{
    error::PageError,
    preprocess::PreprocessedPage,
    segmentation::{TextLine, find_text_lines},
};

/// A letter in a word with this confidence is not recognised again.
const SURE_CONFIDENCE_PERCENT: f64 = 85.0;
/// Two words are at the same place if they share this part of the smaller one's area.
const MIN_SHARED_AREA_SHARE: f64 = 0.3;
/// A letter belongs to a word up to this far outside its bounds.
const LETTER_TOLERANCE_PX: f64 = 3.0;
/// On a low-resolution page, words with less confidence are noise, ruling lines and scribbles far more often than words.
const MIN_CONFIDENCE_PERCENT: f64 = 40.0;
/// Words with no more characters need more confidence, unless they have enough digits.
const MAX_SHORT_WORD_CHARS: usize = 2;
const MIN_SHORT_WORD_CONFIDENCE_PERCENT: f64 = 60.0;
const MIN_SHORT_NUMBER_DIGITS: usize = 2;

/// Recognises again the lines that are uncertain in `words`, drops noise, and verifies the numbers.
pub(super) fn recognise_uncertain_lines(
    tesseract: &mut Tesseract,
    page: &PreprocessedPage,
    words: Vec<OcrWord>,
) -> Result<Vec<OcrWord>, PageError> {
    let lines = find_text_lines(page);
    let mut context_words = ContextWords::default();
    lines.iter().for_each(|line| context_words.add_from_line(page, line, &words));
    let mut recognise = |page: &PreprocessedPage, is_selected: &dyn Fn(&TextLine) -> bool| {
        let mut words = Vec::new();
        for line in lines.iter().filter(|line| is_selected(line)) {
            words.extend(recognise_line(tesseract, page, line, &context_words)?);
        }
        Ok::<_, PageError>(words)
    };
    // Tesseract's own layout analysis relies on the ruling lines of a form; in a single line, vertical ones look like
    // letters. Letters that touch the line below them are at times read better with it, and at times without.
    let without_vertical = page.without_vertical_lines();
    let second = recognise(&without_vertical, &|line| is_uncertain(line, &words))?;
    let words = more_confident_words(words, second, &lines);
    let without_lines = page.without_ruling_lines();
    let third = recognise(&without_lines, &|line| {
        is_uncertain(line, &words) && without_lines.differs_from(&without_vertical, line.deskewed_bounds)
    })?;
    let mut words = more_confident_words(words, third, &lines);
    words.retain(|word| {
        let is_short =
            word.letter_count() <= MAX_SHORT_WORD_CHARS && word.digit_count() < MIN_SHORT_NUMBER_DIGITS;
        let min_confidence =
            if is_short { MIN_SHORT_WORD_CONFIDENCE_PERCENT } else { MIN_CONFIDENCE_PERCENT };
        word.confidence >= min_confidence && lines.iter().any(|line| has_letter_in(line, word))
    });
    verify_numbers(tesseract, &without_lines, &context_words, words)
}

/// Whether a letter of the line is in no word with high confidence.
fn is_uncertain(line: &TextLine, words: &[OcrWord]) -> bool {
    let sure = || words.iter().filter(|word| word.confidence >= SURE_CONFIDENCE_PERCENT);
    line.letters.iter().any(|letter| !sure().any(|word| holds(&word.bounds, letter.center())))
}

fn has_letter_in(line: &TextLine, word: &OcrWord) -> bool {
    line.letters.iter().any(|letter| holds(&word.bounds, letter.center()))
}

fn holds(word: &Rect, point: Point) -> bool {
    word.inflate(LETTER_TOLERANCE_PX, LETTER_TOLERANCE_PX).contains(point)
}

/// Of two readings of each place, the one with more confidence in the letters there. Letters that a reading missed count
/// with a confidence of zero.
fn more_confident_words(first: Vec<OcrWord>, second: Vec<OcrWord>, lines: &[TextLine]) -> Vec<OcrWord> {
    let first_count = first.len();
    let words: Vec<OcrWord> = first.into_iter().chain(second).collect();
    // The place of each word, as the index of one of the words at that place.
    let mut places: Vec<usize> = (0..words.len()).collect();
    for one in 0..first_count {
        for other in first_count..words.len() {
            if is_same_place(&words[one].bounds, &words[other].bounds) {
                let (from, to) = (places[other], places[one]);
                places.iter_mut().filter(|place| **place == from).for_each(|place| *place = to);
            }
        }
    }
    let letters: Vec<Point> = lines.iter().flat_map(|line| &line.letters).map(Rect::center).collect();
    let letters_in = |indices: &[usize]| {
        let is_in = |letter: &&Point| indices.iter().any(|index| holds(&words[*index].bounds, **letter));
        letters.iter().filter(is_in).count().max(1) as f64
    };
    let mut is_kept = vec![false; words.len()];
    for place in 0..words.len() {
        let at_place: Vec<usize> = (0..words.len()).filter(|index| places[*index] == place).collect();
        let (one, other) = at_place.split_at(at_place.partition_point(|index| *index < first_count));
        // A reading without words at the place loses.
        let confidence = |reading: &[usize]| {
            let confidence = mean_confidence(reading.iter().map(|index| &words[*index]));
            if reading.is_empty() { -1.0 } else { confidence * letters_in(reading) / letters_in(&at_place) }
        };
        let best = if confidence(one) >= confidence(other) { one } else { other };
        best.iter().for_each(|index| is_kept[*index] = true);
    }
    words.into_iter().zip(is_kept).filter_map(|(word, is_kept)| is_kept.then_some(word)).collect()
}

fn is_same_place(one: &Rect, other: &Rect) -> bool {
    let (width, height) =
        (one.x1.min(other.x1) - one.x0.max(other.x0), one.y1.min(other.y1) - one.y0.max(other.y0));
    width > 0.0
        && height > 0.0
        && width * height >= MIN_SHARED_AREA_SHARE * one.area().min(other.area()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, confidence: f64, x0: f64, x1: f64) -> OcrWord {
        let bounds = Rect::new(x0, 0.0, x1, 30.0);
        OcrWord { text: text.to_owned(), confidence, bounds, line_bounds: bounds }
    }

    #[test]
    fn more_confident_reading_of_each_place_is_kept() {
        let first = vec![word("Nane", 40.0, 0.0, 100.0), word("Date", 96.0, 300.0, 400.0)];
        let second = vec![
            word("Name", 90.0, 2.0, 101.0),
            word("of", 92.0, 120.0, 150.0),
            word("D", 30.0, 300.0, 320.0),
            word("ate", 50.0, 330.0, 400.0),
        ];
        let texts: Vec<String> =
            more_confident_words(first, second, &[]).into_iter().map(|word| word.text).collect();
        assert_eq!(texts, ["Date", "Name", "of"]);
    }

    #[test]
    fn reading_that_missed_letters_is_less_confident() {
        let letter = |at: u32| Rect::new(f64::from(at) * 20.0, 0.0, f64::from(at) * 20.0 + 14.0, 30.0);
        let letters: Vec<Rect> = (0..9).map(letter).collect();
        let deskewed_bounds = Rect::new(0.0, 0.0, 174.0, 30.0);
        let line = TextLine {
            letters,
            deskewed_bounds,
            slope: 0.0,
            letter_height: 30.0,
            deskewed_baseline: deskewed_bounds.y1,
        };
        let (part, whole) = (word("WSPAPER", 92.0, 40.0, 174.0), word("NEWSPAPER", 90.0, 0.0, 174.0));
        assert_eq!(more_confident_words(vec![part], vec![whole], &[line])[0].text, "NEWSPAPER");
    }
}
