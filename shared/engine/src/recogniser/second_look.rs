//! A second look at what the first left open. Tesseract's search for lines passes over words on sparse forms, joins what
//! rules and boxes keep apart, and loses the points of numbers that stand alone in their cells; given the same letters
//! strip by strip, or a number by itself, it reads many of them. Decides where to look, and which of two readings of a
//! place stays.

use hayro::kurbo::{Point, Rect};

use super::ocr::{Found, Ocr};
use crate::{
    error::PageError,
    scan::{self, Prepared, Strip},
};

/// A letter in a word of this confidence, 0 to 100, needs no second look.
const SURE: f64 = 85.0;
/// A strip is cut out with so much paper around it, in parts of its letters' height.
const MARGIN: f64 = 0.35;
/// Two readings are of the same place if they share this part of the smaller area.
const SAME_PLACE: f64 = 0.3;
/// On a coarse page, words of less confidence, 0 to 100, are grain, rules and scribbles far more often than words;
/// of one or two letters still more so.
const NOISE: f64 = 40.0;
const NOISE_IF_SHORT: f64 = 60.0;

/// A number read with less confidence than this, 0 to 100, is read again.
const SURE_NUMBER: f64 = 75.0;
/// A number whose points were seen but not read is no surer than this, 0 to 100.
const POINTLESS: f64 = 30.0;
/// It is cut out with so much paper around it, in inches: no more than is between a table's rules and its numbers.
const BESIDE_NUMBER: f64 = 0.02;

/// Reads numbers again that are uncertain, or that have points in their ink but not in their text. If the second reading
/// has them neither, the number's confidence says so.
pub(super) fn take_at_numbers(
    ocr: &mut Ocr,
    prepared: &Prepared,
    mut first: Vec<Found>,
) -> Result<Vec<Found>, PageError> {
    let margin = BESIDE_NUMBER * prepared.dpi;
    // Where to look again, and the line that the number stands on.
    let mut places = Vec::new();
    for word in first.iter_mut().filter(|word| word.digits() > 0) {
        doubt_without_points(word, prepared);
        if word.confidence < SURE_NUMBER {
            places.push((word.area.inflate(margin, margin), word.line));
        }
    }
    let areas: Vec<Rect> = places.iter().map(|(area, _)| *area).collect();
    let mut second = ocr.lines(&prepared.image, prepared.dpi, &areas)?;
    second.iter_mut().for_each(|word| doubt_without_points(word, prepared));
    for (area, line) in places {
        let is_inside = |word: &Found| holds(&area, word.area.center());
        if second.iter().any(|word| is_inside(word) && word.digits() > 0) {
            second.iter_mut().filter(|word| is_inside(word)).for_each(|word| word.line = line);
        } else {
            // Grain beside a number may be read more surely than the number.
            second.retain(|word| !is_inside(word));
        }
    }
    Ok(merged(first, second))
}

/// A number with more points in its ink than in its text is hardly sure. None is put in: grain looks like points, and a
/// point too many is as bad as one too few.
fn doubt_without_points(word: &mut Found, prepared: &Prepared) {
    let read = word.text.chars().filter(|sign| ".,:;".contains(*sign)).count();
    if word.digits() > 0 && scan::points(prepared, word.area) > read {
        word.confidence = word.confidence.min(POINTLESS);
    }
}

/// Reads again what is uncertain among `first`, and leaves out what can only be noise.
pub(super) fn take(ocr: &mut Ocr, prepared: &Prepared, first: Vec<Found>) -> Result<Vec<Found>, PageError> {
    let strips = scan::strips(&prepared.image, prepared.dpi);
    let areas: Vec<Rect> = strips.iter().filter(|strip| is_open(strip, &first)).map(cut).collect();
    let second = ocr.lines(&prepared.image, prepared.dpi, &areas)?;
    let mut words = merged(first, second);
    words.retain(|word| {
        let noise = if word.letters() > 2 { NOISE } else { NOISE_IF_SHORT };
        word.confidence >= noise && strips.iter().any(|strip| has_letter_in(strip, word))
    });
    Ok(words)
}

/// Whether a letter of the strip is in no word that was read surely.
fn is_open(strip: &Strip, words: &[Found]) -> bool {
    let sure = || words.iter().filter(|word| word.confidence >= SURE);
    strip.marks.iter().any(|mark| !sure().any(|word| holds(&word.area, mark.center())))
}

fn has_letter_in(strip: &Strip, word: &Found) -> bool {
    strip.marks.iter().any(|mark| holds(&word.area, mark.center()))
}

/// Whether the point lies in the area, or a hair beside it.
fn holds(area: &Rect, point: Point) -> bool {
    area.inflate(3.0, 3.0).contains(point)
}

fn cut(strip: &Strip) -> Rect {
    let margin = MARGIN * strip.letter_height() + 2.0;
    strip.area.inflate(margin, margin)
}

/// Of both readings of each place the one that is surer of its letters.
fn merged(first: Vec<Found>, second: Vec<Found>) -> Vec<Found> {
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
    let sureness = |place: usize, is_first: bool| {
        let of_reading = (0..words.len()).filter(|at| places[*at] == place && (*at < seconds) == is_first);
        let (sum, letters) = of_reading.fold((0.0, 0.0), |(sum, letters), at| {
            let length = words[at].letters() as f64;
            (sum + length * words[at].confidence, letters + length)
        });
        if letters > 0.0 { sum / letters } else { -1.0 }
    };
    let stays: Vec<bool> = (0..words.len())
        .map(|at| {
            let first_is_surer = sureness(places[at], true) >= sureness(places[at], false);
            (at < seconds) == first_is_surer
        })
        .collect();
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
        Found { text: text.to_owned(), confidence, area, line: area }
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
        let texts: Vec<String> = merged(first, second).into_iter().map(|word| word.text).collect();
        assert_eq!(texts, ["Date", "Name", "of"]);
    }
}
