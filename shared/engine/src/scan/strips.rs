//! Where print stands in a level picture: strips of letters that share a line, found from the letters alone. Neither
//! frames nor rules nor the sparseness of a form mislead it. Does not know what the letters are.

use hayro::kurbo::Rect;
use image::GrayImage;

use super::{
    ink::{self, Mark},
    rules,
};

/// Lower marks are dots, dashes and grain, in millimetres.
const LOW: f64 = 0.8;
/// Higher marks are no letters of text, in millimetres.
const HIGH: f64 = 9.0;
/// A mark that is so many times wider than high is no letter, nor several that touch.
const WIDE: f64 = 15.0;
/// Letters further apart than this, in parts of their height, are not of one strip.
const GAP: f64 = 1.6;
/// Letters of one strip overlap by so much of the lower one's height.
const OVERLAP: f64 = 0.5;
/// A mark so many times higher than its neighbours is something else.
const MUCH_HIGHER: f64 = 3.2;
/// So many last letters tell the height at which a strip goes on.
const RECENT: usize = 4;

/// Letters side by side.
pub(crate) struct Strip {
    /// From left to right; at least one.
    pub(crate) marks: Vec<Rect>,
    pub(crate) area: Rect,
}

impl Strip {
    fn new(mark: Rect) -> Strip {
        Strip { marks: vec![mark], area: mark }
    }

    fn push(&mut self, mark: Rect) {
        self.area = self.area.union(mark);
        self.marks.push(mark);
    }

    /// The median height of its letters.
    pub(crate) fn letter_height(&self) -> f64 {
        median(self.marks.iter().map(Rect::height))
    }

    /// Upper and lower edge of its last letters.
    fn end(&self) -> (f64, f64) {
        let recent = || self.marks[self.marks.len().saturating_sub(RECENT)..].iter();
        (median(recent().map(|mark| mark.y0)), median(recent().map(|mark| mark.y1)))
    }

    /// How far from its middle the mark stands, if it can be its next letter.
    fn distance(&self, mark: &Rect) -> Option<f64> {
        let (y0, y1) = self.end();
        let (height, next) = ((y1 - y0).max(1.0), mark.height());
        let gap = GAP * height.max(next.min(1.5 * height));
        let overlap = y1.min(mark.y1) - y0.max(mark.y0);
        let fits = mark.x0 - self.area.x1 <= gap
            && overlap >= OVERLAP * height.min(next)
            && next <= MUCH_HIGHER * height;
        fits.then_some(((y0 + y1) - (mark.y0 + mark.y1)).abs())
    }
}

/// The strips of a picture of this resolution whose lines are nearly level, in pixels.
pub(crate) fn strips(picture: &GrayImage, dpi: f64) -> Vec<Strip> {
    let mut bitmap = ink::on_paper(picture);
    rules::remove(&mut bitmap, dpi);
    let millimetre = dpi / 25.4;
    let mut letters: Vec<Rect> = ink::marks(&bitmap)
        .iter()
        .map(Mark::place)
        .filter(|mark| {
            (LOW * millimetre..=HIGH * millimetre).contains(&mark.height())
                && mark.width() <= WIDE * mark.height()
                && mark.width() <= 2.0 * HIGH * millimetre
        })
        .collect();
    letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut strips: Vec<Strip> = Vec::new();
    // Strips that end too far to the left to go on.
    let mut closed = Vec::new();
    for letter in letters {
        let is_open = |strip: &mut Strip| letter.x0 - strip.area.x1 <= 1.5 * GAP * HIGH * millimetre;
        closed.extend(strips.extract_if(.., |strip| !is_open(strip)));
        let nearest = strips
            .iter_mut()
            .filter_map(|strip| strip.distance(&letter).map(|distance| (distance, strip)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, strip)) => strip.push(letter),
            None => strips.push(Strip::new(letter)),
        }
    }
    closed.append(&mut strips);
    closed
}

/// The middle one of several numbers; there is at least one.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
