//! Numbers are read twice. A line is recognised as a whole, and narrower than it is; no other mistake harms as much as a
//! wrong digit or a lost point, and Tesseract is as sure of "180" as of "130". So each number is read again by itself, as
//! wide as it is, and where both readings differ a third time, larger. Of two that agree there is little doubt; where none
//! do, or a point is seen in the ink and read by none, the number's confidence says so.

use hayro::kurbo::Rect;

use super::ocr::{Found, Ocr, confidence};
use crate::{
    error::PageError,
    scan::{self, Cut, Look, Prepared},
};

/// A number that was read differently each time, or without its points, is no surer than this, 0 to 100.
const DISPUTED: f64 = 30.0;
/// A number that was shown as wide as it is and read with this confidence, 0 to 100, needs no second reading: of 3,181
/// values on a hundred clean scans none was wrong.
const SURE: f64 = 93.0;
/// A number is cut out with so much paper around it, in inches: no more than is between a table's rules and its cells.
const MARGIN: f64 = 0.02;

/// The words of a picture with their numbers read again.
pub(super) fn checked(ocr: &mut Ocr, picture: &Prepared, words: Vec<Found>) -> Result<Vec<Found>, PageError> {
    let mut checked = Vec::with_capacity(words.len());
    for word in words {
        if word.digits() == 0 {
            checked.push(word);
        } else {
            checked.extend(settled(ocr, picture, word)?);
        }
    }
    Ok(checked)
}

/// One reading of a number. A second one may see several words in it, as in "7 - 55".
struct Reading {
    words: Vec<Found>,
    /// What it says, whatever its spaces are and whatever ends the phrase after it.
    text: String,
    /// Whether points are seen in its ink that it does not have.
    lacks_points: bool,
}

impl Reading {
    fn new(words: Vec<Found>, points: usize) -> Reading {
        let text: String = words.iter().map(|word| word.text.as_str()).collect();
        let read = text.chars().filter(|sign| ".,:;".contains(*sign)).count();
        let text = text.trim_end_matches(['.', ',', ':', ';']).to_owned();
        Reading { words, text, lacks_points: points > read }
    }

    fn digits(&self) -> usize {
        self.words.iter().map(Found::digits).sum()
    }

    /// Whether both say the same. One that lacks points says the same as one that has them and the same digits.
    fn agrees_with(&self, other: &Reading) -> bool {
        let without_points = |text: &str| text.replace(['.', ',', ':', ';'], "");
        match (self.lacks_points, other.lacks_points) {
            (false, false) => self.text == other.text,
            (true, true) => false,
            _ => without_points(&self.text) == without_points(&other.text),
        }
    }

    /// The better one first: that with its points and digits, then the surer.
    fn rank(&self) -> (bool, usize, f64) {
        (!self.lacks_points, self.digits(), confidence(&self.words))
    }
}

fn settled(ocr: &mut Ocr, picture: &Prepared, number: Found) -> Result<Vec<Found>, PageError> {
    let (area, line) = (number.area, number.line);
    let points = scan::points(picture, area);
    let margin = MARGIN * picture.dpi;
    let is_sure = number.look == Look::Plain && number.confidence >= SURE;
    let mut readings = vec![Reading::new(vec![number], points)];
    if is_sure && !readings[0].lacks_points {
        return Ok(better(readings.into_iter()));
    }
    for look in [Look::Large, Look::Plain] {
        let cut = Cut::part(picture, area.inflate(margin, margin), line, look);
        let mut words = ocr.line(&cut)?;
        words.retain(|word| is_within(&area, word));
        // A dash at its end stands beside it, and is a word already.
        let is_dash = |word: Option<&Found>| word.is_some_and(Found::is_signs);
        while is_dash(words.last()) {
            words.pop();
        }
        while is_dash(words.first()) {
            words.remove(0);
        }
        let reading = Reading::new(words, points);
        // A digit alone looks like a letter: that is no other number.
        if reading.digits() == 0 {
            continue;
        }
        let same = readings.iter().position(|other| other.agrees_with(&reading));
        readings.push(reading);
        if let Some(same) = same {
            let (one, other) = (readings.swap_remove(same), readings.pop());
            return Ok(better(other.into_iter().chain([one])));
        }
    }
    let is_disputed = readings.len() > 1 || readings.iter().any(|reading| reading.lacks_points);
    let mut words = better(readings.into_iter());
    if !is_disputed {
        return Ok(words);
    }
    words.iter_mut().for_each(|word| word.confidence = word.confidence.min(DISPUTED));
    Ok(words)
}

fn better(readings: impl Iterator<Item = Reading>) -> Vec<Found> {
    let better = |one: Reading, other: Reading| if other.rank() > one.rank() { other } else { one };
    readings.reduce(better).map(|reading| reading.words).unwrap_or_default()
}

/// Whether the word is none of what stands beside the area.
fn is_within(area: &Rect, word: &Found) -> bool {
    area.x0 <= word.area.center().x && word.area.center().x <= area.x1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str, confidence: f64, points: usize) -> Reading {
        let area = Rect::new(0.0, 0.0, 50.0, 20.0);
        let word =
            |text: &str| Found { text: text.to_owned(), confidence, area, line: area, look: Look::Plain };
        Reading::new(text.split(' ').map(word).collect(), points)
    }

    #[test]
    fn readings_agree_whatever_their_spaces_and_the_end_of_their_phrase() {
        let agree = |one: &str, other: &str| reading(one, 90.0, 0).agrees_with(&reading(other, 90.0, 0));
        assert!(agree("7-55", "7 - 55") && agree("135,", "135") && agree("38.5", "38.5."));
        assert!(!agree("130", "180") && !agree("4.20", "4,20") && !agree("40", "4O"));
    }

    #[test]
    fn of_two_readings_with_the_same_digits_the_one_that_has_the_points_in_the_ink_stays() {
        let (without, with) = (reading("21", 97.0, 1), reading("2.1", 80.0, 1));
        assert!(with.agrees_with(&without) && !without.agrees_with(&reading("2l", 90.0, 1)));
        assert_eq!(better([without, with].into_iter())[0].text, "2.1");
    }

    #[test]
    fn of_readings_that_differ_the_one_with_most_digits_and_then_the_surest_is_best() {
        let best = |texts: [(&str, f64); 3]| {
            better(texts.map(|(text, confidence)| reading(text, confidence, 0)).into_iter())[0].text.clone()
        };
        assert_eq!(best([("4O", 95.0), ("40", 60.0), ("A0", 90.0)]), "40");
        assert_eq!(best([("130", 60.0), ("180", 95.0), ("150", 90.0)]), "180");
    }
}
