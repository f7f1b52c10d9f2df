//! Reads a picture line by line, in strips that are found from its letters. Tesseract's own search for lines takes a sixth
//! of its time, joins the cells of tables, and loses points in them.

use std::{cell::LazyCell, cmp::Reverse};

use hayro::kurbo::Rect;

use super::{
    context_words::Carriers,
    number_verification,
    tesseract::{Found, Ocr, confidence},
};
use crate::{
    error::PageError,
    preprocess::Prepared,
    segmentation::{self, Cut, Look, Strip},
};

/// Strips of more letters are shown narrower than they are: their words help each other, which those of cells do not.
const LONG: usize = 14;
/// A line of no more than so many letters, or of signs, that is read with less confidence than this, 0 to 100, is grain.
const SHORT: usize = 2;
const GRAIN: f64 = 60.0;
/// A mark that stands alone and is no digit needs more.
const ALONE: f64 = 75.0;
/// Other lines are doubtful below this.
const DOUBTFUL: f64 = 40.0;
/// If they are doubtful or of few letters, and have so many lines of grain or doubt about them, they are grain as well.
const FEW: usize = 5;
const MUCH: usize = 3;
/// About them is no further away than this, in parts of their letters' height.
const ABOUT: f64 = 3.0;
/// After so many of these in a row, the shorter ones are not read any more: it is a photograph.
const NOTHING_BUT_GRAIN: usize = 60;

/// The words of a picture. Reads no further than it must once it has seen so many letters, the longest strips first.
pub(super) fn read(ocr: &mut Ocr, picture: &Prepared, letters: usize) -> Result<Vec<Found>, PageError> {
    let mut strips = segmentation::strips(picture);
    strips.sort_by_key(|strip| Reverse(strip.letters.len()));
    let (mut lines, mut grain) = (Vec::new(), Vec::new());
    let mut carriers = Carriers::default();
    let ruled = LazyCell::new(|| picture.with_rules());
    let (mut seen, mut in_a_row) = (0, 0);
    for strip in strips {
        if seen >= letters {
            break;
        }
        if in_a_row >= NOTHING_BUT_GRAIN {
            grain.push(strip.level);
            continue;
        }
        seen += strip.letters.len();
        let look = if strip.letters.len() > LONG { Look::Narrow } else { Look::Plain };
        let mut line = strip_read(ocr, picture, &strip, look, &carriers)?;
        if line.iter().any(|word| picture.hangs_into_rule(word.area)) {
            let with_rules = ocr.line(&Cut::strip(&ruled, &strip, look, None))?;
            line = surer_where_it_hangs(picture, line, with_rules);
        }
        carriers.learn(picture, &strip, &line);
        let sure = confidence(&line);
        let line = number_verification::checked(ocr, picture, &carriers, line)?;
        // What is disputed is no grain for that.
        let sure = sure.max(confidence(&line));
        let (is_grain, is_doubtful) = (is_grain(&strip, &line, sure), sure < DOUBTFUL);
        in_a_row = if is_grain || is_doubtful { in_a_row + 1 } else { 0 };
        if is_grain || is_doubtful {
            grain.push(strip.level);
        }
        if !is_grain {
            let is_open = is_doubtful || strip.letters.len() <= FEW;
            let about = strip.level.inflate(ABOUT * strip.letter_height, ABOUT * strip.letter_height);
            lines.push((line, is_open.then_some(about)));
        }
    }
    // A photograph on its own, and one on a page.
    let is_photograph = grain.len() > lines.len();
    let is_crowded = |about: Rect| grain.iter().filter(|grain| grain.overlaps(about)).count() >= MUCH;
    lines.retain(|(line, about)| match about {
        Some(about) => !is_crowded(*about) && (!is_photograph || confidence(line) >= GRAIN),
        None => true,
    });
    Ok(lines.into_iter().flat_map(|(line, _)| line).collect())
}

/// What is read of a strip. A digit alone is easily read as a letter, with a point before it all the more, so a lone strip
/// that may be one is read beside a carrier as well.
pub(super) fn strip_read(
    ocr: &mut Ocr,
    picture: &Prepared,
    strip: &Strip,
    look: Look,
    carriers: &Carriers,
) -> Result<Vec<Found>, PageError> {
    let line = ocr.line(&Cut::strip(picture, strip, look, None))?;
    let is_open =
        digits(&line) == 0 && (strip.has_mark_before() || is_grain(strip, &line, confidence(&line)));
    let Some(carrier) = carriers.of_strip(strip).filter(|_| is_open) else { return Ok(line) };
    let beside = ocr.line(&Cut::strip(picture, strip, look, Some(carrier)))?;
    let is_number = digits(&beside) > 0 && confidence(&beside) > confidence(&line);
    Ok(if is_number { beside } else { line })
}

/// The words of a line whose rules were painted over, and of those that hung into a rule the ones that were read more surely
/// with it: what is left of a "g" whose bow the rule covers is a "q".
fn surer_where_it_hangs(picture: &Prepared, line: Vec<Found>, mut with_rules: Vec<Found>) -> Vec<Found> {
    let chosen = |word: Found| {
        let is_same = |other: &Found| {
            other.area.contains(word.area.center()) && word.area.contains(other.area.center())
        };
        let same = with_rules.iter().position(is_same).filter(|_| picture.hangs_into_rule(word.area));
        let is_better = |other: &usize| {
            let other = &with_rules[*other];
            other.confidence > word.confidence && other.letters() >= word.letters()
        };
        match same.filter(is_better) {
            Some(other) => with_rules.swap_remove(other),
            None => word,
        }
    };
    line.into_iter().map(chosen).collect()
}

fn digits(line: &[Found]) -> usize {
    line.iter().map(Found::digits).sum()
}

/// Whether what was read of the strip, this surely, is no print.
fn is_grain(strip: &Strip, line: &[Found], sure: f64) -> bool {
    let is_short = line.iter().map(Found::letters).sum::<usize>() <= SHORT;
    let is_alone = strip.letters.len() == 1 && line.iter().all(|word| word.digits() == 0);
    let least = if is_alone { ALONE } else { GRAIN };
    (is_short || line.iter().all(Found::is_signs)) && sure < least
}
