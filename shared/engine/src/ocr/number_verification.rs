//! Numbers are read again. A line is recognised as a whole, and narrower than it is; no other mistake harms as much as a
//! wrong digit or a lost point, and Tesseract is as sure of "180" as of "130". So each number that is not read surely in a
//! line as wide as it is is read by itself, larger, and if that differs once more, as it is. Of two readings that agree
//! there is little doubt, unless they are of the number alone and the one in its line is much surer: they lack what stands
//! about it. Where none agree, or a point or a sign is seen and then lost, the number's confidence says so.

use std::cmp::Reverse;

use hayro::kurbo::Rect;

use super::{
    context_words::{Carriers, LONE},
    tesseract::{Found, Ocr, confidence},
};
use crate::{
    error::PageError,
    preprocess::Prepared,
    segmentation::{self, Cut, Look, Points},
};

/// A number that was read differently each time, or without its points, is no surer than this, 0 to 100.
const DISPUTED: f64 = 30.0;
/// A number that was shown as wide as it is and read with this confidence, 0 to 100, needs no second reading: of 3,181
/// values on a hundred clean scans none was wrong.
const SURE: f64 = 93.0;
/// A reading is much surer than another if it is by so much.
const SURER: f64 = 10.0;
/// A short number that is read with less is read again beside a carrier, as any number is that begins with a point.
const UNSURE: f64 = 80.0;
/// What a decimal point is read as.
const POINTS: [char; 4] = ['.', ',', ':', ';'];
/// What a number has besides: a "+" alone is easily read as a "4", and so is the "^" of "10^3".
const SIGNS: [char; 5] = ['+', '^', '*', '"', '%'];
/// What ends a phrase, or leads from a number to the next.
const ENDS: [char; 5] = ['.', ',', ':', ';', '-'];

/// The words of a picture with their numbers read again.
pub(super) fn checked(
    ocr: &mut Ocr,
    picture: &Prepared,
    carriers: &Carriers,
    words: Vec<Found>,
) -> Result<Vec<Found>, PageError> {
    let mut checked = Vec::with_capacity(words.len());
    for word in words {
        if word.digits() == 0 {
            checked.push(word);
        } else {
            checked.extend(settled(ocr, picture, carriers, word)?.words);
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
    fn new(words: Vec<Found>, points: &Points) -> Reading {
        let text: String = words.iter().map(|word| word.text.as_str()).collect();
        let text = text.trim_end_matches(ENDS).to_owned();
        let begins_with_point = text.starts_with(POINTS);
        let between = text.matches(POINTS).count() - usize::from(begins_with_point);
        let lacks_points = points.between > between || (points.first.is_some() && !begins_with_point);
        Reading { words, text, lacks_points }
    }

    fn digits(&self) -> usize {
        self.words.iter().map(Found::digits).sum()
    }

    fn begins_with_point(&self) -> bool {
        self.text.starts_with(POINTS)
    }

    /// Whether both say the same. One that lacks points says the same as one that has them and the same digits.
    fn agrees_with(&self, other: &Reading) -> bool {
        let without_points = |text: &str| text.replace(POINTS, "");
        match (self.lacks_points, other.lacks_points) {
            (false, false) => self.text == other.text,
            (true, true) => false,
            _ => without_points(&self.text) == without_points(&other.text),
        }
    }

    /// How many of its characters no number has.
    fn letters(&self) -> usize {
        self.text.chars().filter(|letter| letter.is_alphabetic()).count()
    }

    fn has_sign(&self) -> bool {
        self.text.contains(SIGNS)
    }

    /// Whether this, which was read in its line, is so much surer that others of the number alone are no reason to doubt it:
    /// they lack what stands about it, and two are as easily wrong in the same way as one.
    fn is_surer_than(&self, alone: &Reading) -> bool {
        !self.lacks_points && confidence(&self.words) > confidence(&alone.words) + SURER
    }

    /// Of two the one that has its points and, if both are as long, fewest letters, and no dash after them, then the surer.
    fn better(self, other: Reading) -> Reading {
        let is_as_long = self.text.chars().count() == other.text.chars().count();
        let rank = |reading: &Reading| {
            let ends_in_dash = reading.words.last().is_some_and(|word| word.text.ends_with('-'));
            let letters = if is_as_long { reading.letters() } else { 0 };
            (!reading.lacks_points, Reverse(letters), !ends_in_dash, confidence(&reading.words))
        };
        if rank(&other) > rank(&self) { other } else { self }
    }

    fn disputed(mut self) -> Reading {
        self.words.iter_mut().for_each(|word| word.confidence = word.confidence.min(DISPUTED));
        self
    }
}

/// What two readings of a number agree on, or the best of three.
fn settled(
    ocr: &mut Ocr,
    picture: &Prepared,
    carriers: &Carriers,
    number: Found,
) -> Result<Reading, PageError> {
    let (area, line) = (number.area, number.line);
    let points = segmentation::points(picture, area);
    let is_sure = number.look == Look::Plain && number.confidence >= SURE;
    let mut readings = vec![Reading::new(vec![number], &points)];
    if is_sure && !readings[0].lacks_points {
        return Ok(readings.swap_remove(0));
    }
    let first = &readings[0];
    let is_lone = first.text.len() <= LONE && confidence(&first.words) < UNSURE;
    let has_first_point = points.first.is_some() || first.begins_with_point();
    let carrier = carriers.nearest(area.height()).filter(|_| is_lone || has_first_point || first.has_sign());
    let area = points.first.map_or(area, |point| area.union(point));
    for look in [Look::Large, Look::Plain] {
        let words = ocr.line(&Cut::number(picture, area, line, look, carrier))?;
        let reading = Reading::new(without_neighbours(words, &area), &points);
        // A digit alone looks like a letter: that is no other number.
        if reading.digits() == 0 {
            continue;
        }
        if let Some(same) = readings.iter().position(|other| other.agrees_with(&reading)) {
            if readings[0].is_surer_than(&readings[same]) {
                break;
            }
            let best = readings.swap_remove(same).better(reading);
            // A point or a sign that was seen beside other words is easily passed over in a number alone, or read as a digit.
            let has_lost = |has: fn(&Reading) -> bool| !has(&best) && readings.iter().any(has);
            let is_lost = has_lost(Reading::begins_with_point) || has_lost(Reading::has_sign);
            return Ok(if is_lost { best.disputed() } else { best });
        }
        readings.push(reading);
    }
    let is_disputed = readings.len() > 1 || readings[0].lacks_points;
    let first = readings.swap_remove(0);
    let best = readings.into_iter().fold(first, Reading::better);
    Ok(if is_disputed { best.disputed() } else { best })
}

/// The words in this area that are none of what stands beside it; a dash at its ends does, and is a word already.
fn without_neighbours(words: Vec<Found>, area: &Rect) -> Vec<Found> {
    let mut words: Vec<Found> =
        words.into_iter().filter(|word| (area.x0..=area.x1).contains(&word.area.center().x)).collect();
    words.truncate(words.iter().rposition(|word| !word.is_signs()).map_or(0, |last| last + 1));
    let first = words.iter().position(|word| !word.is_signs()).unwrap_or_default();
    words.split_off(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str, confidence: f64, points: usize) -> Reading {
        let area = Rect::new(0.0, 0.0, 50.0, 20.0);
        let word =
            |text: &str| Found { text: text.to_owned(), confidence, area, line: area, look: Look::Plain };
        let points = Points { between: points, first: None };
        Reading::new(text.split(' ').map(word).collect(), &points)
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
        assert_eq!(without.better(with).words[0].text, "2.1");
    }

    #[test]
    fn of_readings_that_differ_the_one_with_fewest_letters_and_then_the_surest_is_best() {
        let best = |texts: [(&str, f64); 3]| {
            let readings = texts.map(|(text, confidence)| reading(text, confidence, 0));
            let best = readings.into_iter().reduce(Reading::better).expect("one");
            best.words[0].text.clone()
        };
        assert_eq!(best([("4O", 95.0), ("40", 60.0), ("A0", 90.0)]), "40");
        assert_eq!(best([("130", 60.0), ("180", 95.0), ("150", 90.0)]), "180");
        assert_eq!(
            best([("1+", 89.0), ("14", 81.0), ("14+", 85.0)]),
            "1+",
            "a sign is no letter, and a longer one no better"
        );
    }

    #[test]
    fn a_number_read_surely_in_its_line_is_not_given_up_for_two_doubtful_readings_of_it_alone() {
        let surer = |line: f64, alone: f64| reading("75", line, 0).is_surer_than(&reading("715", alone, 0));
        assert!(surer(96.0, 79.0) && !surer(87.0, 96.0) && !surer(95.0, 92.0));
        assert!(!reading("75", 96.0, 1).is_surer_than(&reading("7.5", 79.0, 1)), "it lacks its point");
    }
}
