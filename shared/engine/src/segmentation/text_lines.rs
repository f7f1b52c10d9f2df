//! Where print stands in a picture: strips of letters that share a line, found from the letters alone. Neither frames
//! nor rules nor the sparseness of a form mislead it, and the cells of a table are strips of their own. Does not know
//! what the letters are.

use std::{cmp::Reverse, ops::RangeInclusive};

use hayro::kurbo::{Rect, Vec2};

use super::decimal_points::SMALLEST;
use crate::preprocess::{
    Prepared,
    components::{self, Mark},
    ruling_lines,
};

/// Lower marks are grain, in millimetres.
const GRAIN: f64 = 0.2;
/// Lower marks are points, dashes and grain, in millimetres, whatever stands about them.
const LOW: f64 = 0.8;
/// Higher marks are no letters of text, in millimetres.
const HIGH: f64 = 9.0;
/// Unless so many of them stand side by side: a title's, which are no higher than this, in millimetres.
const TITLE: usize = 3;
const TITLE_HIGH: f64 = 20.0;
/// A dash is as wide as this, in millimetres, and so many times wider than high.
const DASH: RangeInclusive<f64> = 0.8..=4.0;
const FLAT: f64 = 1.8;
/// A mark that is so many times wider than high is no letter, nor several that touch.
const WIDE: f64 = 15.0;
/// The side of a frame is no wider than this, in parts of its height, and higher than this, in parts of that of the usual
/// letters: no letter that stands alone.
const THIN: f64 = 0.15;
const HIGHER: f64 = 1.6;
/// A mark that stands alone and is lower than this, in parts of the height of the page's usual letters, is no letter: the end
/// of a rule looks like a "1".
const LONE: f64 = 0.65;
/// How high the letters of most strips are, in parts of the height of a page's usual letters.
const USUAL: RangeInclusive<f64> = 0.45..=2.2;
/// Letters further apart than this, in parts of their height, are not of one strip.
const GAP: f64 = 1.6;
/// Letters of one strip overlap by so much of the lower one's height.
const OVERLAP: f64 = 0.5;
/// A mark so many times higher than its neighbours is something else.
const MUCH_HIGHER: f64 = 3.2;
/// What is lower than this, in parts of the letters' height, is a point, a dash or an accent of theirs.
const MUCH_LOWER: f64 = 0.6;
/// It stands no further above and below the letters, in parts of their height.
const OFF_LINE: f64 = 0.4;
/// Points and accents are at most so many in a row.
const FEW: usize = 3;
/// So many letters of small print are more than grain.
const SMALL_PRINT: usize = 2;
/// A page has no more strips than this, and its letters no more points and dashes: what has more is grain.
const STRIPS: usize = 3_000;
const POINTS: usize = 50_000;
/// So many last letters tell the height at which a strip goes on.
const RECENT: usize = 4;
/// So many letters tell how their strip slants.
const SLANTING: usize = 24;
/// How far letters reach above and below the line that most of them stand on, in parts of their usual height.
const ABOVE: f64 = 2.2;
const BELOW: f64 = 0.9;

/// Letters side by side.
pub(crate) struct Strip {
    /// In pixels, from left to right; at least one.
    pub(crate) letters: Vec<Rect>,
    /// What holds them with their points and dashes, once each pixel is moved up by `slope` times its column.
    pub(crate) level: Rect,
    /// By how much they fall to the right, per pixel.
    pub(crate) slope: f64,
    /// The median height of its letters, in pixels.
    pub(crate) letter_height: f64,
}

impl Strip {
    /// Whether something small stands before its first letter, as the point of ".5" does.
    pub(crate) fn has_mark_before(&self) -> bool {
        self.letters[0].x0 - self.level.x0 > SMALLEST * self.letter_height
    }
}

/// The strips of a picture.
pub(crate) fn strips(picture: &Prepared) -> Vec<Strip> {
    let mut bitmap = components::on_paper(&picture.image);
    ruling_lines::remove(&mut bitmap, picture.dpi);
    let millimetre = picture.dpi / 25.4;
    let marks: Vec<Rect> = components::marks(&bitmap)
        .iter()
        .map(Mark::place)
        .filter(|mark| {
            (GRAIN * millimetre..=TITLE_HIGH * millimetre).contains(&mark.height())
                && mark.width() <= WIDE * mark.height().max(LOW * millimetre)
                && mark.width() <= 2.0 * (HIGH * millimetre).max(mark.height())
        })
        .map(|mark| mark - Vec2::new(0.0, picture.slope * mark.center().x))
        .collect();
    chains(marks, millimetre).into_iter().map(|chain| chain.finished(picture.slope)).collect()
}

/// The chains of letters among the marks of a level page.
fn chains(marks: Vec<Rect>, millimetre: f64) -> Vec<Chain> {
    let (letters, small): (Vec<Rect>, Vec<Rect>) =
        marks.into_iter().partition(|mark| mark.height() >= LOW * millimetre);
    if letters.is_empty() {
        return Vec::new();
    }
    let usual = median(letters.iter().map(Rect::height));
    let (usuals, others): (Vec<Rect>, Vec<Rect>) =
        letters.into_iter().partition(|letter| USUAL.contains(&(letter.height() / usual)));
    let (larger, smaller) = others.into_iter().partition(|letter| letter.height() > usual);
    // Titles and small print are found by themselves: the comma of a title is as high as a letter of the text.
    let mut chains = chained(usuals);
    let rest_of_larger = rest(larger, &mut chains);
    let is_title = |chain: &Chain| chain.height() <= HIGH * millimetre || chain.letters.len() >= TITLE;
    chains.extend(chained(rest_of_larger).into_iter().filter(is_title));
    let rest_of_smaller = rest(smaller, &mut chains);
    chains.extend(chained(rest_of_smaller).into_iter().filter(|chain| chain.letters.len() >= SMALL_PRINT));
    let is_side =
        |letter: &Rect| letter.width() <= THIN * letter.height() && letter.height() > HIGHER * usual;
    chains.retain(|chain| chain.letters.len() > 1 || !is_side(&chain.letters[0]));
    chains.sort_by_key(|chain| Reverse(chain.letters.len()));
    chains.truncate(STRIPS);
    let small = if small.len() > POINTS { Vec::new() } else { small };
    let rest_of_small = rest(small, &mut chains);
    let mut chains = joined(absorbed(chains));
    chains.retain(|chain| chain.letters.len() > 1 || chain.height() >= LONE * usual);
    let dashes: Vec<Chain> =
        rest_of_small.iter().filter_map(|mark| dash(mark, &chains, millimetre)).collect();
    chains.extend(dashes);
    chains
}

/// A chain of a dash that stands alone on the line of others, as high as they are.
fn dash(mark: &Rect, chains: &[Chain], millimetre: f64) -> Option<Chain> {
    let is_dash = DASH.contains(&(mark.width() / millimetre)) && mark.width() >= FLAT * mark.height();
    let row = chains.iter().find(|row| is_dash && (row.y0..=row.y1).contains(&mark.center().y))?;
    Some(Chain::new(Rect::new(mark.x0, row.y0, mark.x1, row.y1)))
}

/// Letters that follow each other on a level line.
struct Chain {
    letters: Vec<Rect>,
    /// What holds them and the marks that belong to them.
    x0: f64,
    x1: f64,
    /// The medians of the letters' upper and lower edges.
    y0: f64,
    y1: f64,
}

impl Chain {
    fn new(letter: Rect) -> Chain {
        Chain { letters: vec![letter], x0: letter.x0, x1: letter.x1, y0: letter.y0, y1: letter.y1 }
    }

    fn push(&mut self, letter: Rect) {
        self.letters.push(letter);
        self.cover(&letter);
    }

    fn cover(&mut self, mark: &Rect) {
        self.x0 = self.x0.min(mark.x0);
        self.x1 = self.x1.max(mark.x1);
    }

    fn height(&self) -> f64 {
        (self.y1 - self.y0).max(1.0)
    }

    /// Upper and lower edge of its last letters.
    fn end(&self) -> (f64, f64) {
        let recent = || self.letters[self.letters.len().saturating_sub(RECENT)..].iter();
        (median(recent().map(|letter| letter.y0)), median(recent().map(|letter| letter.y1)))
    }

    /// How far from its middle the letter stands, if it can be its next.
    fn distance(&self, letter: &Rect) -> Option<f64> {
        let (y0, y1) = self.end();
        let (height, next) = ((y1 - y0).max(1.0), letter.height());
        let gap = GAP * height.max(next.min(1.5 * height));
        let overlap = y1.min(letter.y1) - y0.max(letter.y0);
        let fits = letter.x0 - self.x1 <= gap
            && overlap >= OVERLAP * height.min(next)
            && next <= MUCH_HIGHER * height;
        fits.then_some(((y0 + y1) - (letter.y0 + letter.y1)).abs())
    }

    /// Whether a mark is no more than a gap away, and on its line: a lower one by its middle, a higher one if it crosses
    /// it.
    fn is_at(&self, mark: &Rect) -> bool {
        let (gap, off) = (GAP * self.height(), OFF_LINE * self.height());
        let crosses = self.y1.min(mark.y1) - self.y0.max(mark.y0) >= OVERLAP * self.height();
        let is_beside =
            mark.height() < self.height() && (self.y0 - off..=self.y1 + off).contains(&mark.center().y);
        let on_line = crosses || is_beside;
        on_line && mark.x0 <= self.x1 + gap && mark.x1 >= self.x0 - gap
    }

    fn place(&self) -> Rect {
        Rect::new(self.x0, self.y0, self.x1, self.y1)
    }

    /// Whether another, that begins further to the right, is of the same line.
    fn goes_on_with(&self, other: &Chain) -> bool {
        let (lower, higher) = (self.height().min(other.height()), self.height().max(other.height()));
        other.x0 - self.x1 <= GAP * lower
            && self.y1.min(other.y1) - self.y0.max(other.y0) >= OVERLAP * lower
            && higher <= USUAL.end() * lower
    }

    fn finished(self, page_slope: f64) -> Strip {
        let more = if self.letters.len() < SLANTING { 0.0 } else { self.slope() };
        let middle = (self.x0 + self.x1) / 2.0;
        let moved = |y: f64, x: f64| y - more * (x - middle);
        let height = median(self.letters.iter().map(Rect::height));
        let line = median(self.letters.iter().map(|letter| moved(letter.y1, letter.center().x)));
        let tops = self.letters.iter().map(|letter| moved(letter.y0, letter.center().x));
        let bottoms = self.letters.iter().map(|letter| moved(letter.y1, letter.center().x));
        let top = tops.fold(line, f64::min).max(line - ABOVE * height);
        let bottom = bottoms.fold(line, f64::max).min(line + BELOW * height);
        let mut letters: Vec<Rect> = self
            .letters
            .into_iter()
            .map(|letter| letter + Vec2::new(0.0, page_slope * letter.center().x))
            .collect();
        letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        let level = Rect::new(self.x0, top - more * middle, self.x1, bottom - more * middle);
        Strip { letters, level, slope: page_slope + more, letter_height: height }
    }

    /// By how much its letters fall to the right, per pixel: from the middle of its left half to that of the right.
    fn slope(&self) -> f64 {
        let mut letters: Vec<&Rect> = self.letters.iter().collect();
        letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        let (left, right) = letters.split_at(letters.len() / 2);
        let place = |half: &[&Rect]| {
            let x = half.iter().map(|letter| letter.center().x).sum::<f64>() / half.len() as f64;
            (x, median(half.iter().map(|letter| letter.y1)))
        };
        let ((x0, y0), (x1, y1)) = (place(left), place(right));
        (y1 - y0) / (x1 - x0).max(1.0)
    }
}

/// Chains of letters, each joined to the chain before it that it fits best.
fn chained(mut letters: Vec<Rect>) -> Vec<Chain> {
    letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut open: Vec<Chain> = Vec::new();
    // Chains that end too far to the left to go on.
    let mut closed = Vec::new();
    let highest = letters.iter().map(Rect::height).fold(0.0, f64::max);
    for letter in letters {
        let ends_far_off = |chain: &mut Chain| letter.x0 - chain.x1 > 1.5 * GAP * highest;
        closed.extend(open.extract_if(.., ends_far_off));
        let nearest = open
            .iter_mut()
            .filter_map(|chain| chain.distance(&letter).map(|distance| (distance, chain)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, chain)) => chain.push(letter),
            None => open.push(Chain::new(letter)),
        }
    }
    closed.append(&mut open);
    for chain in &mut closed {
        (chain.y0, chain.y1) = (
            median(chain.letters.iter().map(|letter| letter.y0)),
            median(chain.letters.iter().map(|letter| letter.y1)),
        );
    }
    closed
}

/// The marks that belong to none of the chains. A high one belongs to each that it crosses: letters of two lines may
/// touch.
fn rest(marks: Vec<Rect>, chains: &mut [Chain]) -> Vec<Rect> {
    let mut belongs = |mark: &Rect| {
        let mut belongs = false;
        for chain in chains.iter_mut().filter(|chain| chain.is_at(mark)) {
            chain.cover(mark);
            belongs = true;
        }
        belongs
    };
    marks.into_iter().filter(|mark| !belongs(mark)).collect()
}

/// The chains without those that are no more than the points and accents of others, or letters that were left over
/// among theirs.
fn absorbed(mut chains: Vec<Chain>) -> Vec<Chain> {
    let is_line = |chain: &Chain| chain.letters.len() > FEW;
    chains.sort_by(|a, b| is_line(b).cmp(&is_line(a)).then(b.height().total_cmp(&a.height())));
    let mut kept: Vec<Chain> = Vec::with_capacity(chains.len());
    for chain in chains {
        let place = chain.place();
        let is_of = |owner: &Chain| {
            let is_inside = (owner.x0..=owner.x1).contains(&place.center().x);
            owner.is_at(&place) && (is_inside || chain.height() < MUCH_LOWER * owner.height())
        };
        match kept.iter_mut().find(|owner| chain.letters.len() <= FEW && is_of(owner)) {
            Some(owner) => owner.cover(&place),
            None => kept.push(chain),
        }
    }
    kept
}

/// The chains, joined where a point or a letter that touches another line had parted them.
fn joined(mut chains: Vec<Chain>) -> Vec<Chain> {
    chains.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut kept: Vec<Chain> = Vec::with_capacity(chains.len());
    for chain in chains {
        match kept.iter_mut().find(|before| before.goes_on_with(&chain)) {
            Some(before) => {
                before.cover(&chain.place());
                before.letters.extend(chain.letters);
            }
            None => kept.push(chain),
        }
    }
    kept
}

/// The middle one of several numbers; there is at least one.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    let middle = numbers.len() / 2;
    *numbers.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten letters from `x` on the line that has its foot at `y`, of this height and two thirds as wide.
    fn word(x: f64, y: f64, height: f64) -> Vec<Rect> {
        let letter = |n: u32| {
            let x = x + f64::from(n) * height;
            Rect::new(x, y - height, x + height / 1.5, y)
        };
        (0..10).map(letter).collect()
    }

    /// How many letters each chain has, and where it begins and ends.
    fn found(marks: &[Vec<Rect>]) -> Vec<(usize, i32, i32)> {
        let chains = chains(marks.concat(), 10.0);
        let mut found: Vec<_> =
            chains.iter().map(|chain| (chain.letters.len(), chain.x0 as i32, chain.x1 as i32)).collect();
        found.sort_unstable_by_key(|(_, from, _)| *from);
        found
    }

    #[test]
    fn letters_side_by_side_are_one_strip_and_cells_and_lines_are_several() {
        let marks = [
            word(0.0, 100.0, 20.0),
            word(215.0, 100.0, 20.0),
            word(500.0, 100.0, 20.0),
            word(5.0, 140.0, 20.0),
        ];
        assert_eq!(found(&marks), [(20, 0, 408), (10, 5, 198), (10, 500, 693)]);
    }

    #[test]
    fn points_accents_and_leading_dashes_belong_to_their_letters() {
        let point = Rect::new(196.0, 97.0, 199.0, 100.0);
        let accent = Rect::new(42.0, 70.0, 48.0, 76.0);
        let dash = Rect::new(-20.0, 88.0, -8.0, 91.0);
        let grain = Rect::new(100.0, 40.0, 103.0, 43.0);
        let marks = [word(0.0, 100.0, 20.0), vec![point, accent, dash, grain]];
        assert_eq!(found(&marks), [(10, -20, 199)]);
    }

    #[test]
    fn a_titles_comma_is_no_letter_though_it_is_as_high_as_one() {
        let comma = Rect::new(400.0, 95.0, 408.0, 112.0);
        let marks = [word(0.0, 100.0, 60.0), vec![comma], word(0.0, 200.0, 20.0), word(0.0, 240.0, 20.0)];
        let found = found(&marks);
        assert!(found.contains(&(10, 0, 580)), "{found:?}");
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_comma_between_two_words_joins_them_to_one_line() {
        // It is half as high as a letter, hangs below the line, and is the only mark in a gap that is too wide without it.
        let comma = Rect::new(200.0, 97.0, 205.0, 107.0);
        assert_eq!(found(&[word(0.0, 100.0, 20.0), vec![comma], word(233.0, 100.0, 20.0)]), [(20, 0, 426)]);
    }

    #[test]
    fn a_letter_that_touches_the_line_below_belongs_to_both_lines() {
        let (mut above, mut below) = (word(0.0, 100.0, 20.0), word(0.0, 130.0, 20.0));
        // Both lines end in a mark that reaches from the top of one to the foot of the other.
        above[9] = Rect::new(180.0, 80.0, 193.0, 130.0);
        below.pop();
        assert_eq!(found(&[above, below]), [(9, 0, 193), (9, 0, 193)]);
    }

    #[test]
    fn a_paragraphs_great_first_letter_does_not_join_the_lines_beside_it() {
        let first = Rect::new(0.0, 50.0, 45.0, 100.0);
        assert_eq!(
            found(&[vec![first], word(60.0, 70.0, 20.0), word(60.0, 100.0, 20.0)]),
            [(10, 0, 253), (10, 0, 253)]
        );
    }

    #[test]
    fn a_dash_alone_in_its_cell_is_read_and_one_on_no_line_is_not() {
        let in_cell = Rect::new(400.0, 88.0, 412.0, 91.0);
        let elsewhere = Rect::new(400.0, 300.0, 412.0, 303.0);
        assert_eq!(found(&[word(0.0, 100.0, 20.0), vec![in_cell, elsewhere]]), [(10, 0, 193), (1, 400, 412)]);
    }

    #[test]
    fn the_side_of_a_small_frame_and_the_end_of_a_rule_are_no_letters() {
        let [left, right] = [-10.0, 200.0].map(|x| Rect::new(x, 75.0, x + 3.0, 112.0));
        let lone = Rect::new(300.0, 72.0, 303.0, 100.0);
        let cell = vec![Rect::new(60.0, 80.0, 70.0, 100.0), Rect::new(73.0, 82.0, 88.0, 98.0)];
        let end_of_rule = Rect::new(400.0, 88.0, 404.0, 100.0);
        let marks = [cell, vec![left, right, lone, end_of_rule], word(0.0, 200.0, 20.0)];
        assert_eq!(found(&marks), [(10, 0, 193), (2, 60, 88), (1, 300, 303)]);
    }

    #[test]
    fn a_strip_tells_how_it_slants() {
        let letters = (0..60).map(|n| {
            let (x, y) = (f64::from(n) * 20.0, 100.0 + f64::from(n) * 20.0 * 0.01);
            Rect::new(x, y - 20.0, x + 13.0, y)
        });
        let chains = chains(letters.collect(), 10.0);
        let [chain] = <[Chain; 1]>::try_from(chains).ok().expect("one line");
        let strip = chain.finished(0.0);
        assert!((strip.slope - 0.01).abs() < 0.001, "{}", strip.slope);
        assert!((strip.level.height() - 20.0).abs() < 1.5, "{:?}", strip.level);
    }
}
