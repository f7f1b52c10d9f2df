//! Where a text layer's words go: the lines' direction, baseline and size, found from the boxes of their words.
//!
//! Recognition gives upright boxes around words that may run slantwise or sideways. Viewers select and search best
//! if the words of a line share one baseline and one size, so these are taken from all of its words together. On a
//! line that slants a little each word stands level at its own height: letters that climb within a word make some
//! readers, poppler among them, take it for several.

use std::f64::consts::FRAC_PI_2;

use hayro::kurbo::{Affine, Point};

use maneiro_page::{Page, Word};

/// Boxes do not tell a page's slant beyond this, in radians: that of 15 degrees.
const MAX_SLANT: f64 = 0.26;
/// A line tells the page's slant if it is so many times longer than high.
const LONG: f64 = 6.0;
/// A word whose size differs from its line's by more than this factor stands by itself.
const OTHER_SIZE: f64 = 1.7;

/// Lines that run in one direction, one after the other in the page's reading order.
pub(super) struct Block<'p> {
    /// By how many quarters clockwise its lines are turned on the page as it is shown; 0 from left to right.
    pub(super) quarters: usize,
    pub(super) lines: Vec<Vec<Placed<'p>>>,
}

/// A word, in coordinates of the page turned back by the block's quarters about its top left corner.
pub(super) struct Placed<'p> {
    pub(super) text: &'p str,
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) baseline: f64,
    /// The font's.
    pub(super) size: f64,
}

/// A word's box as its line lies.
struct Lying {
    middle: Point,
    length: f64,
    height: f64,
}

/// The page's words for which `is_laid` says so.
pub(super) fn blocks<'p>(page: &'p Page, is_laid: impl Fn(&Word) -> bool) -> Vec<Block<'p>> {
    let lines: Vec<Vec<&Word>> = page
        .lines
        .iter()
        .map(|line| line.words.iter().filter(|word| has_place(word) && is_laid(word)).collect())
        .filter(|line: &Vec<&Word>| !line.is_empty())
        .collect();
    let mut votes = [0; 4];
    for (quarters, words) in lines.iter().filter_map(|line| Some((quarters(line)?, line.len()))) {
        votes[quarters] += words;
    }
    let usual = (0..4).rev().max_by_key(|quarters| votes[*quarters]).unwrap_or(0);
    let turned: Vec<usize> = lines.iter().map(|line| quarters(line).unwrap_or(usual)).collect();
    let slants: [f64; 4] = std::array::from_fn(|quarters| {
        slant(
            lines.iter().zip(&turned).filter(|(_, turn)| **turn == quarters).map(|(line, _)| line),
            quarters,
        )
    });

    let mut blocks: Vec<Block<'p>> = Vec::new();
    for (line, quarters) in lines.iter().zip(turned) {
        let placed = place(line, quarters, slants[quarters]);
        match blocks.last_mut() {
            Some(block) if block.quarters == quarters => block.lines.push(placed),
            _ => blocks.push(Block { quarters, lines: vec![placed] }),
        }
    }
    blocks
}

fn has_place(word: &Word) -> bool {
    let bbox = word.bbox;
    let is_finite = [bbox.x0, bbox.y0, bbox.x1, bbox.y1].into_iter().all(f32::is_finite);
    is_finite && bbox.width() > 0.0 && bbox.height() > 0.0 && !word.text.trim().is_empty()
}

fn middle(word: &Word) -> Point {
    Point::new(f64::from(word.bbox.x0 + word.bbox.x1) / 2.0, f64::from(word.bbox.y0 + word.bbox.y1) / 2.0)
}

/// By how many quarters clockwise a line of several words is turned: its words follow each other that way.
fn quarters(line: &[&Word]) -> Option<usize> {
    let [first, .., last] = line else { return None };
    let way = middle(last) - middle(first);
    Some(match (way.x.abs() >= way.y.abs(), way.x >= 0.0, way.y >= 0.0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    })
}

/// By how much lines that are turned so slant in addition, in radians: the median of those that are long.
fn slant<'l, 'p: 'l>(lines: impl Iterator<Item = &'l Vec<&'p Word>>, quarters: usize) -> f64 {
    let upright = Affine::rotate(-(quarters as f64) * FRAC_PI_2);
    let mut slants: Vec<f64> = lines
        .filter_map(|line| {
            let [first, .., last] = &line[..] else { return None };
            let way = upright * middle(last) - upright * middle(first);
            let height = line.iter().map(|word| box_of(word, quarters).1).fold(0.0, f64::max);
            (way.x > LONG * height).then(|| way.y.atan2(way.x))
        })
        .collect();
    slants.sort_by(f64::total_cmp);
    let median = slants.get(slants.len() / 2).copied().unwrap_or(0.0);
    if median.abs() <= MAX_SLANT { median } else { 0.0 }
}

/// Width and height of a word's box, turned upright.
fn box_of(word: &Word, quarters: usize) -> (f64, f64) {
    let (width, height) = (f64::from(word.bbox.width()), f64::from(word.bbox.height()));
    if quarters.is_multiple_of(2) { (width, height) } else { (height, width) }
}

/// The slanting rectangle that fills a word's upright box.
fn lie(word: &Word, quarters: usize, slant: f64) -> Lying {
    let (width, height) = box_of(word, quarters);
    let (sin, cos) = (slant.sin().abs(), slant.cos());
    let whole = (2.0 * slant).cos();
    // A box that no rectangle with this slant can fill is one of a word that slants less.
    let length = ((width * cos - height * sin) / whole).clamp(0.2 * width, width);
    let across = ((height * cos - width * sin) / whole).clamp(0.2 * height, height);
    let middle = Affine::rotate(-(quarters as f64) * FRAC_PI_2 - slant) * middle(word);
    Lying { middle, length, height: across }
}

fn place<'p>(line: &[&'p Word], quarters: usize, slant: f64) -> Vec<Placed<'p>> {
    let lying: Vec<Lying> = line.iter().map(|word| lie(word, quarters, slant)).collect();
    let own: Vec<(f64, f64)> =
        line.iter().zip(&lying).map(|(word, lying)| line_of(&word.text, lying)).collect();
    let size = median(own.iter().map(|(size, _)| *size));
    let baseline = median(own.iter().map(|(_, baseline)| *baseline));
    line.iter()
        .zip(lying)
        .zip(own)
        .map(|((word, lying), (own_size, own_baseline))| {
            let stands_apart = (own_baseline - baseline).abs() > size.max(own_size) / 2.0
                || own_size > OTHER_SIZE * size
                || size > OTHER_SIZE * own_size && word.text.chars().any(char::is_alphanumeric);
            let (size, baseline) = if stands_apart { (own_size, own_baseline) } else { (size, baseline) };
            // At its own height, and level.
            let foot = Affine::rotate(slant) * Point::new(lying.middle.x, baseline);
            let (x0, x1) = (foot.x - lying.length / 2.0, foot.x + lying.length / 2.0);
            Placed { text: &word.text, x0, x1, baseline: foot.y, size }
        })
        .collect()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The font size and the baseline of a word whose letters fill this box.
fn line_of(text: &str, lying: &Lying) -> (f64, f64) {
    let falls = text.chars().any(|char| "gjpqyçQ,;()[]{}|/@$µ".contains(char));
    // Small letters without a stroke upwards; those of Greek and Cyrillic are much the same.
    let is_low = |char: char| char.is_lowercase() && !"bdfhiklt".contains(char) || ".,-".contains(char);
    let rise = if text.chars().all(is_low) { 0.52 } else { super::cid_font::ASCENT };
    let fall = if falls { super::cid_font::DESCENT } else { 0.0 };
    let size = lying.height / (rise + fall);
    (size, lying.middle.y + lying.height / 2.0 - fall * size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{BBox, Line, TextSource};

    /// Two lines of words of ten points' size, 30 points long and 40 apart, put onto a page by `turn`.
    fn page(turn: Affine) -> Page {
        let line = |y: f64| {
            let word = |n: u32| {
                let x = 40.0 * f64::from(n);
                let area = hayro::kurbo::Rect::new(x, y - 7.2, x + 30.0, y);
                let area = turn.transform_rect_bbox(area);
                let bbox =
                    BBox { x0: area.x0 as f32, y0: area.y0 as f32, x1: area.x1 as f32, y1: area.y1 as f32 };
                Word { text: "bold".to_owned(), bbox, confidence: 90 }
            };
            Line::body((0..6).map(word).collect())
        };
        Page::new(1, 400.0, 400.0, TextSource::Ocr { confidence: 90 }, vec![line(20.0), line(40.0)])
    }

    #[test]
    fn words_that_run_in_any_direction_are_found_to_stand_on_their_lines() {
        for degrees in [0.0_f64, 4.0, -7.0, 90.0, 92.0, 180.0, 270.0] {
            let turn = Affine::translate((200.0, 200.0)) * Affine::rotate(degrees.to_radians());
            let page = page(turn);
            let blocks = blocks(&page, |_| true);
            assert_eq!(blocks.len(), 1, "{degrees}");
            let quarters = (degrees / 90.0).round();
            assert_eq!(blocks[0].quarters as f64, quarters, "{degrees}");
            let upright = Affine::rotate(-quarters * FRAC_PI_2) * turn;
            for (n, line) in blocks[0].lines.iter().enumerate() {
                for (k, word) in line.iter().enumerate() {
                    let foot = upright * Point::new(40.0 * k as f64 + 15.0, 20.0 * (n + 1) as f64);
                    assert!((word.size - 10.0).abs() < 0.1, "{degrees}: {}", word.size);
                    assert!((word.x1 - word.x0 - 30.0).abs() < 0.1, "{degrees}");
                    assert!((word.baseline - foot.y).abs() < 0.1, "{degrees}: {} {}", word.baseline, foot.y);
                    assert!(((word.x0 + word.x1) / 2.0 - foot.x).abs() < 0.1, "{degrees}");
                }
            }
        }
    }

    #[test]
    fn a_word_without_strokes_upwards_shares_its_lines_size() {
        let lying = |height: f64| Lying { middle: Point::new(0.0, -height / 2.0), length: 20.0, height };
        for (text, height, bottom) in
            [("on", 5.2, 0.0), ("Bold", 7.2, 0.0), ("gone", 7.3, 2.1), ("Joy", 9.3, 2.1)]
        {
            let (size, baseline) = line_of(text, &lying(height));
            assert!(
                (size - 10.0).abs() < 0.1 && (baseline + bottom).abs() < 0.1,
                "{text}: {size} {baseline}"
            );
        }
    }
}
