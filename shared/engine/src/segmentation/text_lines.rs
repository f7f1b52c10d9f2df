//! Text line finding: groups connected components that share a line. Works from the components alone, so that frames,
//! ruling lines and sparse forms do not mislead it. The cells of a table are lines of their own. Recognises nothing: a
//! "letter" is here a component of a letter's size.

use std::{cmp::Reverse, ops::RangeInclusive};

use hayro::kurbo::{Rect, Vec2};

use super::decimal_points::MIN_POINT_SIZE_RATIO;
use crate::{
    geometry::median,
    preprocess::{
        PreprocessedPage,
        binarize::binarize_adaptive,
        components::{Component, connected_components},
        ruling_lines::erase_likely_lines,
    },
};

/// Lower components are noise.
const MIN_COMPONENT_HEIGHT_MM: f64 = 0.2;
/// Lower components are punctuation, diacritics, dashes and noise.
const MIN_LETTER_HEIGHT_MM: f64 = 0.8;
/// Higher components are not letters of text.
const MAX_LETTER_HEIGHT_MM: f64 = 9.0;
/// Unless enough of them are side by side: those of a title, which are no higher than this.
const MIN_TITLE_LETTERS: usize = 3;
const MAX_TITLE_HEIGHT_MM: f64 = 20.0;
/// A dash has this width, and is this many times wider than high.
const DASH_WIDTH_MM: RangeInclusive<f64> = 0.8..=4.0;
const MIN_DASH_ASPECT_RATIO: f64 = 1.8;
/// A component with a greater aspect ratio is neither a letter nor several that touch.
const MAX_LETTER_ASPECT_RATIO: f64 = 15.0;
/// Its greatest width, in parts of its height or of the greatest height of a letter.
const MAX_LETTER_WIDTH_RATIO: f64 = 2.0;
/// The side of a frame is no wider than this, in parts of its height, and higher than this, in parts of the page's median
/// letter height.
const MAX_FRAME_SIDE_WIDTH_RATIO: f64 = 0.15;
const MIN_FRAME_SIDE_HEIGHT_RATIO: f64 = 1.6;
/// A single component that is lower than this, in parts of the page's median letter height, is not a letter: the end of
/// a ruling line looks like a "1".
const MIN_SINGLE_HEIGHT_RATIO: f64 = 0.65;
/// The letter heights of most lines, in parts of the page's median letter height.
const NORMAL_HEIGHT_RATIO: RangeInclusive<f64> = 0.45..=2.2;
/// Letters with a wider gap between them, in parts of their height, are on different lines.
const MAX_GAP_RATIO: f64 = 1.6;
/// A letter widens the accepted gap up to this, in parts of the height of the line before it.
const MAX_GAP_HEIGHT_RATIO: f64 = 1.5;
/// Letters of one line overlap vertically by this share of the lower one's height.
const MIN_OVERLAP_SHARE: f64 = 0.5;
/// A component more times higher than the letters before it is not a letter of their line.
const MAX_HEIGHT_RATIO: f64 = 3.2;
/// What is lower than this, in parts of the letters' height, is punctuation, a dash or a diacritic of theirs.
const MAX_PUNCTUATION_HEIGHT_RATIO: f64 = 0.6;
/// Its middle is no further above or below the letters, in parts of their height.
const MAX_PUNCTUATION_OFFSET_RATIO: f64 = 0.4;
/// More components than this in a row are not punctuation or diacritics.
const MAX_PUNCTUATION_COMPONENTS: usize = 3;
/// Fewer letters of small print are noise.
const MIN_SMALL_PRINT_LETTERS: usize = 2;
/// A page has no more lines, and its lines no more punctuation and diacritics: what exceeds this is noise.
const MAX_LINES: usize = 3_000;
const MAX_SMALL_COMPONENTS: usize = 50_000;
/// The number of last letters that decide the height at which a line continues.
const RECENT_LETTERS: usize = 4;
/// The slope of a line with fewer letters is not measured.
const MIN_LETTERS_FOR_SLOPE: usize = 24;
/// How far letters extend above and below the baseline, in parts of their median height.
const MAX_ASCENT_RATIO: f64 = 2.2;
const MAX_DESCENT_RATIO: f64 = 0.9;

/// A line of text, or a part of one that a wide gap separates from the rest.
pub(crate) struct TextLine {
    /// The bounding boxes of its letters in pixels, from left to right; at least one.
    pub(crate) letters: Vec<Rect>,
    /// The bounds of its letters, punctuation and diacritics after each pixel is moved up by `slope` times its column.
    pub(crate) deskewed_bounds: Rect,
    /// How far the line falls per pixel to the right.
    pub(crate) slope: f64,
    /// The median height of its letters, in pixels.
    pub(crate) letter_height: f64,
    /// The row of its baseline after each pixel is moved up by `slope` times its column.
    pub(crate) deskewed_baseline: f64,
}

impl TextLine {
    /// Whether something small is before its first letter, as the point of ".5" is.
    pub(crate) fn has_punctuation_before(&self) -> bool {
        self.letters[0].x0 - self.deskewed_bounds.x0 > MIN_POINT_SIZE_RATIO * self.letter_height
    }
}

/// Finds the text lines of a page.
pub(crate) fn find_text_lines(page: &PreprocessedPage) -> Vec<TextLine> {
    let mut bitmap = binarize_adaptive(&page.image);
    erase_likely_lines(&mut bitmap, page.dpi);
    let mm = page.dpi / 25.4;
    let components: Vec<Rect> = connected_components(&bitmap)
        .iter()
        .map(Component::bounding_box)
        .filter(|component| {
            let height = component.height();
            (MIN_COMPONENT_HEIGHT_MM * mm..=MAX_TITLE_HEIGHT_MM * mm).contains(&height)
                && component.width() <= MAX_LETTER_ASPECT_RATIO * height.max(MIN_LETTER_HEIGHT_MM * mm)
                && component.width() <= MAX_LETTER_WIDTH_RATIO * (MAX_LETTER_HEIGHT_MM * mm).max(height)
        })
        .map(|component| component - Vec2::new(0.0, page.slope * component.center().x))
        .collect();
    group_components(components, mm).into_iter().map(|line| line.build(page.slope)).collect()
}

/// Groups the components of a deskewed page into lines. `mm` is a millimetre in pixels.
fn group_components(components: Vec<Rect>, mm: f64) -> Vec<LineBuilder> {
    let (letters, small): (Vec<Rect>, Vec<Rect>) =
        components.into_iter().partition(|component| component.height() >= MIN_LETTER_HEIGHT_MM * mm);
    let Some(median_height) = median(letters.iter().map(Rect::height)) else { return Vec::new() };
    let (normal, others): (Vec<Rect>, Vec<Rect>) = letters
        .into_iter()
        .partition(|letter| NORMAL_HEIGHT_RATIO.contains(&(letter.height() / median_height)));
    let (larger, smaller) = others.into_iter().partition(|letter| letter.height() > median_height);
    // Titles and small print are linked by themselves: the comma of a title is as high as a letter of the text.
    let mut lines = link_neighbours(normal);
    let larger = assign_diacritics_and_punctuation(larger, &mut lines);
    let is_title = |line: &LineBuilder| {
        line.height() <= MAX_LETTER_HEIGHT_MM * mm || line.letters.len() >= MIN_TITLE_LETTERS
    };
    lines.extend(link_neighbours(larger).into_iter().filter(is_title));
    let smaller = assign_diacritics_and_punctuation(smaller, &mut lines);
    let is_small_print = |line: &LineBuilder| line.letters.len() >= MIN_SMALL_PRINT_LETTERS;
    lines.extend(link_neighbours(smaller).into_iter().filter(is_small_print));
    let is_frame_side = |letter: &Rect| {
        letter.width() <= MAX_FRAME_SIDE_WIDTH_RATIO * letter.height()
            && letter.height() > MIN_FRAME_SIDE_HEIGHT_RATIO * median_height
    };
    lines.retain(|line| line.letters.len() > 1 || !is_frame_side(&line.letters[0]));
    lines.sort_by_key(|line| Reverse(line.letters.len()));
    lines.truncate(MAX_LINES);
    let small = if small.len() > MAX_SMALL_COMPONENTS { Vec::new() } else { small };
    let small = assign_diacritics_and_punctuation(small, &mut lines);
    let mut lines = merge_line_fragments(merge_overlapping_lines(lines));
    lines.retain(|line| line.letters.len() > 1 || line.height() >= MIN_SINGLE_HEIGHT_RATIO * median_height);
    let dashes: Vec<LineBuilder> =
        small.iter().filter_map(|component| isolated_dash(component, &lines, mm)).collect();
    lines.extend(dashes);
    lines
}

/// The line of a dash that is alone in its cell. Takes its height from another line at the same height.
fn isolated_dash(component: &Rect, lines: &[LineBuilder], mm: f64) -> Option<LineBuilder> {
    let is_dash = DASH_WIDTH_MM.contains(&(component.width() / mm))
        && component.width() >= MIN_DASH_ASPECT_RATIO * component.height();
    let line =
        lines.iter().find(|line| is_dash && (line.top..=line.bottom).contains(&component.center().y))?;
    Some(LineBuilder::new(Rect::new(component.x0, line.top, component.x1, line.bottom)))
}

/// A line while its components are collected, on a deskewed page.
struct LineBuilder {
    letters: Vec<Rect>,
    /// The left and right edge of its letters, punctuation and diacritics.
    x0: f64,
    x1: f64,
    /// The medians of the letters' upper and lower edges.
    top: f64,
    bottom: f64,
}

impl LineBuilder {
    fn new(letter: Rect) -> LineBuilder {
        LineBuilder { letters: vec![letter], x0: letter.x0, x1: letter.x1, top: letter.y0, bottom: letter.y1 }
    }

    fn push(&mut self, letter: Rect) {
        self.letters.push(letter);
        self.extend_to(&letter);
    }

    /// Makes the line wide enough for a component that belongs to it.
    fn extend_to(&mut self, component: &Rect) {
        self.x0 = self.x0.min(component.x0);
        self.x1 = self.x1.max(component.x1);
    }

    fn height(&self) -> f64 {
        (self.bottom - self.top).max(1.0)
    }

    /// The median upper and lower edge of its last letters.
    fn recent_extent(&self) -> (f64, f64) {
        let recent = || self.letters[self.letters.len().saturating_sub(RECENT_LETTERS)..].iter();
        (median_or_zero(recent().map(|letter| letter.y0)), median_or_zero(recent().map(|letter| letter.y1)))
    }

    /// The vertical distance of a letter to the middle of the line, if it can be the line's next letter.
    fn distance_to_next(&self, letter: &Rect) -> Option<f64> {
        let (top, bottom) = self.recent_extent();
        let (height, next_height) = ((bottom - top).max(1.0), letter.height());
        let max_gap = MAX_GAP_RATIO * height.max(next_height.min(MAX_GAP_HEIGHT_RATIO * height));
        let overlap = bottom.min(letter.y1) - top.max(letter.y0);
        let fits = letter.x0 - self.x1 <= max_gap
            && overlap >= MIN_OVERLAP_SHARE * height.min(next_height)
            && next_height <= MAX_HEIGHT_RATIO * height;
        fits.then_some(((top + bottom) - (letter.y0 + letter.y1)).abs())
    }

    /// Whether a component is close enough to belong to the line: a lower one by its middle, a higher one if it overlaps
    /// the line.
    fn accepts(&self, component: &Rect) -> bool {
        let (gap, offset) = (MAX_GAP_RATIO * self.height(), MAX_PUNCTUATION_OFFSET_RATIO * self.height());
        let overlap = self.bottom.min(component.y1) - self.top.max(component.y0);
        let overlaps = overlap >= MIN_OVERLAP_SHARE * self.height();
        let is_beside = component.height() < self.height()
            && (self.top - offset..=self.bottom + offset).contains(&component.center().y);
        (overlaps || is_beside) && component.x0 <= self.x1 + gap && component.x1 >= self.x0 - gap
    }

    fn bounds(&self) -> Rect {
        Rect::new(self.x0, self.top, self.x1, self.bottom)
    }

    /// Whether another line, which begins further to the right, is the continuation of this one.
    fn continues_with(&self, other: &LineBuilder) -> bool {
        let (lower, higher) = (self.height().min(other.height()), self.height().max(other.height()));
        other.x0 - self.x1 <= MAX_GAP_RATIO * lower
            && self.bottom.min(other.bottom) - self.top.max(other.top) >= MIN_OVERLAP_SHARE * lower
            && higher <= NORMAL_HEIGHT_RATIO.end() * lower
    }

    fn build(self, page_slope: f64) -> TextLine {
        let own_slope = if self.letters.len() < MIN_LETTERS_FOR_SLOPE { 0.0 } else { self.slope() };
        let middle = (self.x0 + self.x1) / 2.0;
        let deskewed = |y: f64, x: f64| y - own_slope * (x - middle);
        let letter_height = median_or_zero(self.letters.iter().map(Rect::height));
        let baseline =
            median_or_zero(self.letters.iter().map(|letter| deskewed(letter.y1, letter.center().x)));
        let tops = self.letters.iter().map(|letter| deskewed(letter.y0, letter.center().x));
        let bottoms = self.letters.iter().map(|letter| deskewed(letter.y1, letter.center().x));
        let top = tops.fold(baseline, f64::min).max(baseline - MAX_ASCENT_RATIO * letter_height);
        let bottom = bottoms.fold(baseline, f64::max).min(baseline + MAX_DESCENT_RATIO * letter_height);
        let mut letters: Vec<Rect> = self
            .letters
            .into_iter()
            .map(|letter| letter + Vec2::new(0.0, page_slope * letter.center().x))
            .collect();
        letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        let deskewed_bounds =
            Rect::new(self.x0, top - own_slope * middle, self.x1, bottom - own_slope * middle);
        TextLine {
            letters,
            deskewed_bounds,
            slope: page_slope + own_slope,
            letter_height,
            deskewed_baseline: baseline - own_slope * middle,
        }
    }

    /// How far its letters fall per pixel to the right: from the middle of its left half to that of its right half.
    fn slope(&self) -> f64 {
        let mut letters: Vec<&Rect> = self.letters.iter().collect();
        letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        let (left, right) = letters.split_at(letters.len() / 2);
        let center = |half: &[&Rect]| {
            let x = half.iter().map(|letter| letter.center().x).sum::<f64>() / half.len() as f64;
            (x, median_or_zero(half.iter().map(|letter| letter.y1)))
        };
        let ((x0, y0), (x1, y1)) = (center(left), center(right));
        (y1 - y0) / (x1 - x0).max(1.0)
    }
}

/// Links letters from left to right into lines. Each is added to the line before it that fits best.
fn link_neighbours(mut letters: Vec<Rect>) -> Vec<LineBuilder> {
    letters.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut open: Vec<LineBuilder> = Vec::new();
    // Lines that end too far to the left to continue.
    let mut closed = Vec::new();
    let max_height = letters.iter().map(Rect::height).fold(0.0, f64::max);
    for letter in letters {
        let is_out_of_reach =
            |line: &mut LineBuilder| letter.x0 - line.x1 > MAX_GAP_HEIGHT_RATIO * MAX_GAP_RATIO * max_height;
        closed.extend(open.extract_if(.., is_out_of_reach));
        let nearest = open
            .iter_mut()
            .filter_map(|line| line.distance_to_next(&letter).map(|distance| (distance, line)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, line)) => line.push(letter),
            None => open.push(LineBuilder::new(letter)),
        }
    }
    closed.append(&mut open);
    for line in &mut closed {
        (line.top, line.bottom) = (
            median_or_zero(line.letters.iter().map(|letter| letter.y0)),
            median_or_zero(line.letters.iter().map(|letter| letter.y1)),
        );
    }
    closed
}

/// Extends the lines to the components that belong to them, and returns the components that belong to none. A high
/// component belongs to every line that it overlaps: letters of two lines may touch.
fn assign_diacritics_and_punctuation(components: Vec<Rect>, lines: &mut [LineBuilder]) -> Vec<Rect> {
    let mut assign = |component: &Rect| {
        let mut is_assigned = false;
        for line in lines.iter_mut().filter(|line| line.accepts(component)) {
            line.extend_to(component);
            is_assigned = true;
        }
        is_assigned
    };
    components.into_iter().filter(|component| !assign(component)).collect()
}

/// Merges lines that are only the punctuation and diacritics of another, or letters left over among those of another.
fn merge_overlapping_lines(mut lines: Vec<LineBuilder>) -> Vec<LineBuilder> {
    let is_long = |line: &LineBuilder| line.letters.len() > MAX_PUNCTUATION_COMPONENTS;
    lines.sort_by(|a, b| is_long(b).cmp(&is_long(a)).then(b.height().total_cmp(&a.height())));
    let mut merged: Vec<LineBuilder> = Vec::with_capacity(lines.len());
    for line in lines {
        let bounds = line.bounds();
        let belongs_to = |owner: &LineBuilder| {
            let is_inside = (owner.x0..=owner.x1).contains(&bounds.center().x);
            let is_punctuation = line.height() < MAX_PUNCTUATION_HEIGHT_RATIO * owner.height();
            owner.accepts(&bounds) && (is_inside || is_punctuation)
        };
        match merged.iter_mut().find(|owner| !is_long(&line) && belongs_to(owner)) {
            Some(owner) => owner.extend_to(&bounds),
            None => merged.push(line),
        }
    }
    merged
}

/// Merges lines that punctuation, or a letter that touches another line, had separated.
fn merge_line_fragments(mut lines: Vec<LineBuilder>) -> Vec<LineBuilder> {
    lines.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut merged: Vec<LineBuilder> = Vec::with_capacity(lines.len());
    for line in lines {
        match merged.iter_mut().find(|before| before.continues_with(&line)) {
            Some(before) => {
                before.extend_to(&line.bounds());
                before.letters.extend(line.letters);
            }
            None => merged.push(line),
        }
    }
    merged
}

/// The median; 0 if there are no values.
fn median_or_zero(values: impl Iterator<Item = f64>) -> f64 {
    median(values).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten letters from `x` on the baseline `y`, of this height and two thirds as wide.
    fn word(x: f64, y: f64, height: f64) -> Vec<Rect> {
        let letter = |n: u32| {
            let x = x + f64::from(n) * height;
            Rect::new(x, y - height, x + height / 1.5, y)
        };
        (0..10).map(letter).collect()
    }

    /// The number of letters of each line, and where it begins and ends.
    fn lines(components: &[Vec<Rect>]) -> Vec<(usize, i32, i32)> {
        let lines = group_components(components.concat(), 10.0);
        let mut lines: Vec<_> =
            lines.iter().map(|line| (line.letters.len(), line.x0 as i32, line.x1 as i32)).collect();
        lines.sort_unstable_by_key(|(_, begin, _)| *begin);
        lines
    }

    #[test]
    fn adjacent_words_are_one_line_and_table_cells_are_several() {
        let components = [
            word(0.0, 100.0, 20.0),
            word(215.0, 100.0, 20.0),
            word(500.0, 100.0, 20.0),
            word(5.0, 140.0, 20.0),
        ];
        assert_eq!(lines(&components), [(20, 0, 408), (10, 5, 198), (10, 500, 693)]);
    }

    #[test]
    fn punctuation_diacritics_and_leading_dashes_join_their_line() {
        let point = Rect::new(196.0, 97.0, 199.0, 100.0);
        let accent = Rect::new(42.0, 70.0, 48.0, 76.0);
        let dash = Rect::new(-20.0, 88.0, -8.0, 91.0);
        let speck = Rect::new(100.0, 40.0, 103.0, 43.0);
        let components = [word(0.0, 100.0, 20.0), vec![point, accent, dash, speck]];
        assert_eq!(lines(&components), [(10, -20, 199)]);
    }

    #[test]
    fn comma_of_a_title_is_not_a_letter_of_the_text() {
        let comma = Rect::new(400.0, 95.0, 408.0, 112.0);
        let components =
            [word(0.0, 100.0, 60.0), vec![comma], word(0.0, 200.0, 20.0), word(0.0, 240.0, 20.0)];
        let found = lines(&components);
        assert!(found.contains(&(10, 0, 580)), "{found:?}");
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn comma_between_two_words_joins_them_to_one_line() {
        // It is half as high as a letter, descends below the baseline, and bridges a gap that is too wide without it.
        let comma = Rect::new(200.0, 97.0, 205.0, 107.0);
        assert_eq!(lines(&[word(0.0, 100.0, 20.0), vec![comma], word(233.0, 100.0, 20.0)]), [(20, 0, 426)]);
    }

    #[test]
    fn letter_that_touches_the_line_below_belongs_to_both() {
        let (mut above, mut below) = (word(0.0, 100.0, 20.0), word(0.0, 130.0, 20.0));
        // Both lines end in a component that reaches from the top of one to the baseline of the other.
        above[9] = Rect::new(180.0, 80.0, 193.0, 130.0);
        below.pop();
        assert_eq!(lines(&[above, below]), [(9, 0, 193), (9, 0, 193)]);
    }

    #[test]
    fn drop_cap_does_not_join_the_lines_beside_it() {
        let first = Rect::new(0.0, 50.0, 45.0, 100.0);
        assert_eq!(
            lines(&[vec![first], word(60.0, 70.0, 20.0), word(60.0, 100.0, 20.0)]),
            [(10, 0, 253), (10, 0, 253)]
        );
    }

    #[test]
    fn dash_alone_in_a_cell_is_a_line_and_one_off_all_lines_is_not() {
        let in_cell = Rect::new(400.0, 88.0, 412.0, 91.0);
        let elsewhere = Rect::new(400.0, 300.0, 412.0, 303.0);
        assert_eq!(lines(&[word(0.0, 100.0, 20.0), vec![in_cell, elsewhere]]), [(10, 0, 193), (1, 400, 412)]);
    }

    #[test]
    fn frame_sides_and_ends_of_ruling_lines_are_not_letters() {
        let [left, right] = [-10.0, 200.0].map(|x| Rect::new(x, 75.0, x + 3.0, 112.0));
        let single = Rect::new(300.0, 72.0, 303.0, 100.0);
        let cell = vec![Rect::new(60.0, 80.0, 70.0, 100.0), Rect::new(73.0, 82.0, 88.0, 98.0)];
        let end_of_line = Rect::new(400.0, 88.0, 404.0, 100.0);
        let components = [cell, vec![left, right, single, end_of_line], word(0.0, 200.0, 20.0)];
        assert_eq!(lines(&components), [(10, 0, 193), (2, 60, 88), (1, 300, 303)]);
    }

    #[test]
    fn slope_of_a_long_line_is_measured() {
        let letters = (0..60).map(|n| {
            let (x, y) = (f64::from(n) * 20.0, 100.0 + f64::from(n) * 20.0 * 0.01);
            Rect::new(x, y - 20.0, x + 13.0, y)
        });
        let lines = group_components(letters.collect(), 10.0);
        let [line] = <[LineBuilder; 1]>::try_from(lines).ok().expect("one line");
        let line = line.build(0.0);
        assert!((line.slope - 0.01).abs() < 0.001, "{}", line.slope);
        assert!((line.deskewed_bounds.height() - 20.0).abs() < 1.5, "{:?}", line.deskewed_bounds);
    }
}
