//! A second look at what the first left open on a coarse page. Tesseract's search for lines passes over words on sparse
//! forms and joins what rules and boxes keep apart; given the same letters strip by strip it reads many of them. Decides
//! where to look, and which of two readings of a place stays.

use hayro::kurbo::{Point, Rect};

use super::{
    context_words::Carriers,
    line_recognition, number_verification,
    tesseract::{Found, Ocr, confidence},
};
use crate::{
    error::PageError,
    preprocess::Prepared,
    segmentation::{self, Look, Strip},
};

/// A letter in a word of this confidence, 0 to 100, needs no second look.
const SURE: f64 = 85.0;
/// Two readings are of the same place if they share this part of the smaller area.
const SAME_PLACE: f64 = 0.3;
/// On a coarse page, words of less confidence, 0 to 100, are grain, rules and scribbles far more often than words;
/// of one or two letters still more so, unless they are a number.
const NOISE: f64 = 40.0;
const NOISE_IF_SHORT: f64 = 60.0;

/// Reads again what is uncertain among `first`, leaves out what can only be noise, and reads its numbers again.
pub(super) fn take(ocr: &mut Ocr, prepared: &Prepared, first: Vec<Found>) -> Result<Vec<Found>, PageError> {
    let strips = segmentation::strips(prepared);
    let mut carriers = Carriers::default();
    strips.iter().for_each(|strip| carriers.learn(prepared, strip, &first));
    let mut read = |picture: &Prepared, is_open: &dyn Fn(&Strip) -> bool| {
        let mut words = Vec::new();
        for strip in strips.iter().filter(|strip| is_open(strip)) {
            words.extend(line_recognition::strip_read(ocr, picture, strip, Look::Plain, &carriers)?);
        }
        Ok::<_, PageError>(words)
    };
    // Tesseract's own layout goes by the rules of a form; in a line those that run down look like letters. Letters that
    // touch the rule below them are at times read better with it, and at times without.
    let unframed = prepared.without_rules_down();
    let second = read(&unframed, &|strip| is_open(strip, &first))?;
    let words = merged(first, second, &strips);
    let unruled = prepared.without_rules();
    let third =
        read(&unruled, &|strip| is_open(strip, &words) && unruled.differs_from(&unframed, strip.level))?;
    let mut words = merged(words, third, &strips);
    words.retain(|word| {
        let is_short = word.letters() <= 2 && word.digits() < 2;
        let noise = if is_short { NOISE_IF_SHORT } else { NOISE };
        word.confidence >= noise && strips.iter().any(|strip| has_letter_in(strip, word))
    });
    number_verification::checked(ocr, &unruled, &carriers, words)
}

/// Whether a letter of the strip is in no word that was read surely.
fn is_open(strip: &Strip, words: &[Found]) -> bool {
    let sure = || words.iter().filter(|word| word.confidence >= SURE);
    strip.letters.iter().any(|mark| !sure().any(|word| holds(&word.area, mark.center())))
}

fn has_letter_in(strip: &Strip, word: &Found) -> bool {
    strip.letters.iter().any(|mark| holds(&word.area, mark.center()))
}

/// Whether the point lies in the area, or a hair beside it.
fn holds(area: &Rect, point: Point) -> bool {
    area.inflate(3.0, 3.0).contains(point)
}

/// Of both readings of each place the one that is surer of the letters there, those included that it passed over.
fn merged(first: Vec<Found>, second: Vec<Found>, strips: &[Strip]) -> Vec<Found> {
    let seconds = first.len();
    let words: Vec<Found> = first.into_iter().chain(second).collect();
    let mut places: Vec<usize> = (0..words.len()).collect();
    for one in 0..seconds {
        for other in seconds..words.len() {
            if same_place(&words[one].area, &words[other].area) {
                let (from, to) = (places[other], places[one]);
                places.iter_mut().filter(|place| **place == from).for_each(|place| *place = to);
            }
        }
    }
    let letters: Vec<Point> = strips.iter().flat_map(|strip| &strip.letters).map(Rect::center).collect();
    let letters_in = |of: &[usize]| {
        let is_in = |letter: &&Point| of.iter().any(|at| holds(&words[*at].area, **letter));
        letters.iter().filter(is_in).count().max(1) as f64
    };
    let mut stays = vec![false; words.len()];
    for place in 0..words.len() {
        let there: Vec<usize> = (0..words.len()).filter(|at| places[*at] == place).collect();
        let (one, other) = there.split_at(there.partition_point(|at| *at < seconds));
        // What a reading saw nothing of is the other's.
        let sureness = |reading: &[usize]| {
            let sure = confidence(reading.iter().map(|at| &words[*at]));
            if reading.is_empty() { -1.0 } else { sure * letters_in(reading) / letters_in(&there) }
        };
        let surer = if sureness(one) >= sureness(other) { one } else { other };
        surer.iter().for_each(|at| stays[*at] = true);
    }
    words.into_iter().zip(stays).filter_map(|(word, stays)| stays.then_some(word)).collect()
}

fn same_place(one: &Rect, other: &Rect) -> bool {
    let (width, height) =
        (one.x1.min(other.x1) - one.x0.max(other.x0), one.y1.min(other.y1) - one.y0.max(other.y0));
    width > 0.0 && height > 0.0 && width * height >= SAME_PLACE * one.area().min(other.area()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, confidence: f64, x0: f64, x1: f64) -> Found {
        let area = Rect::new(x0, 0.0, x1, 30.0);
        Found { text: text.to_owned(), confidence, area, line: area, look: Look::Plain }
    }

    #[test]
    fn the_surer_reading_of_each_place_stays_and_neither_is_lost_where_the_other_saw_nothing() {
        let first = vec![found("Nane", 40.0, 0.0, 100.0), found("Date", 96.0, 300.0, 400.0)];
        let second = vec![
            found("Name", 90.0, 2.0, 101.0),
            found("of", 92.0, 120.0, 150.0),
            found("D", 30.0, 300.0, 320.0),
            found("ate", 50.0, 330.0, 400.0),
        ];
        let texts: Vec<String> = merged(first, second, &[]).into_iter().map(|word| word.text).collect();
        assert_eq!(texts, ["Date", "Name", "of"]);
    }

    #[test]
    fn a_reading_that_passed_over_letters_is_not_surer_for_that() {
        let letter = |at: u32| Rect::new(f64::from(at) * 20.0, 0.0, f64::from(at) * 20.0 + 14.0, 30.0);
        let letters: Vec<Rect> = (0..9).map(letter).collect();
        let level = Rect::new(0.0, 0.0, 174.0, 30.0);
        let strip = Strip { letters, level, slope: 0.0, letter_height: 30.0 };
        let (part, whole) = (found("WSPAPER", 92.0, 40.0, 174.0), found("NEWSPAPER", 90.0, 0.0, 174.0));
        assert_eq!(merged(vec![part], vec![whole], &[strip])[0].text, "NEWSPAPER");
    }
}
