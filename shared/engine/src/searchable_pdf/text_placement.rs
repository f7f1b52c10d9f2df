//! Places the words of a text layer: the direction, baseline and font size of each line, estimated from the boxes of its
//! words.
//!
//! OCR gives upright boxes around words that may be slanted or sideways. PDF viewers select and search best if the words of
//! a line share one baseline and one size, so both are estimated from all words of the line. On a slightly slanted line each
//! word is placed horizontally at its own height: some readers, poppler among them, split a word whose letters climb.

use std::f64::consts::FRAC_PI_2;

use hayro::kurbo::{Affine, Point};
use maneiro_page::{Page, Word};

use super::cid_font::{ASCENT_EM, DESCENT_EM};
use crate::geometry::{bbox_center, median};

/// A slant beyond this (15 degrees) cannot be estimated from boxes.
const MAX_SLANT_RADIANS: f64 = 0.26;
/// A line is used to estimate the slant if it is more than this many times longer than high.
const MIN_LINE_ASPECT_RATIO: f64 = 6.0;
/// A word whose font size differs from its line's by more than this factor is placed by itself.
const MAX_SIZE_RATIO: f64 = 1.7;
/// The least share of a box's sides that a slanted word in it has.
const MIN_QUAD_RATIO: f64 = 0.2;
/// The height of small letters without ascenders; in Greek and Cyrillic much the same.
const X_HEIGHT_EM: f64 = 0.52;

/// Consecutive lines of one direction, in the page's reading order.
pub(super) struct TextBlock<'p> {
    /// Quarter turns of the lines, clockwise on the page as shown; 0 is left to right.
    pub(super) quarter_turns: usize,
    pub(super) lines: Vec<Vec<PlacedWord<'p>>>,
}

/// A word, in coordinates of the page turned back by the block's quarter turns about its top left corner.
pub(super) struct PlacedWord<'p> {
    pub(super) text: &'p str,
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) baseline: f64,
    pub(super) font_size: f64,
}

/// The slanted rectangle of a word, along its line.
struct TextQuad {
    center: Point,
    length: f64,
    height: f64,
}

/// Places the words of the page for which `is_included` holds.
pub(super) fn place_words<'p>(page: &'p Page, is_included: impl Fn(&Word) -> bool) -> Vec<TextBlock<'p>> {
    let lines: Vec<Vec<&Word>> = page
        .lines
        .iter()
        .map(|line| line.words.iter().filter(|word| is_placeable(word) && is_included(word)).collect())
        .filter(|line: &Vec<&Word>| !line.is_empty())
        .collect();
    let mut votes = [0; 4];
    for (turns, words) in lines.iter().filter_map(|line| Some((quarter_turns(line)?, line.len()))) {
        votes[turns] += words;
    }
    let usual = (0..4).rev().max_by_key(|turns| votes[*turns]).unwrap_or(0);
    let line_turns: Vec<usize> = lines.iter().map(|line| quarter_turns(line).unwrap_or(usual)).collect();
    let slants: [f64; 4] = std::array::from_fn(|turns| {
        let lines = lines.iter().zip(&line_turns).filter(|(_, line_turns)| **line_turns == turns);
        median_slant_radians(lines.map(|(line, _)| line), turns)
    });

    let mut blocks: Vec<TextBlock<'p>> = Vec::new();
    for (line, turns) in lines.iter().zip(line_turns) {
        let placed = place_line(line, turns, slants[turns]);
        match blocks.last_mut() {
            Some(block) if block.quarter_turns == turns => block.lines.push(placed),
            _ => blocks.push(TextBlock { quarter_turns: turns, lines: vec![placed] }),
        }
    }
    blocks
}

fn is_placeable(word: &Word) -> bool {
    let bbox = word.bbox;
    let is_finite = [bbox.x0, bbox.y0, bbox.x1, bbox.y1].into_iter().all(f32::is_finite);
    is_finite && bbox.width() > 0.0 && bbox.height() > 0.0 && !word.text.trim().is_empty()
}

/// The quarter turns, clockwise, of a line of several words, from the direction in which they follow each other.
fn quarter_turns(line: &[&Word]) -> Option<usize> {
    let [first, .., last] = line else { return None };
    let direction = bbox_center(&last.bbox) - bbox_center(&first.bbox);
    Some(match (direction.x.abs() >= direction.y.abs(), direction.x >= 0.0, direction.y >= 0.0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    })
}

/// The median slant of the long lines, beyond their quarter turns; 0 if it is too large to be estimated.
fn median_slant_radians<'l, 'p: 'l>(
    lines: impl Iterator<Item = &'l Vec<&'p Word>>,
    quarter_turns: usize,
) -> f64 {
    let to_upright = Affine::rotate(-(quarter_turns as f64) * FRAC_PI_2);
    let slants = lines.filter_map(|line| {
        let [first, .., last] = &line[..] else { return None };
        let direction = to_upright * bbox_center(&last.bbox) - to_upright * bbox_center(&first.bbox);
        let height = line.iter().map(|word| upright_size(word, quarter_turns).1).fold(0.0, f64::max);
        (direction.x > MIN_LINE_ASPECT_RATIO * height).then(|| direction.y.atan2(direction.x))
    });
    median(slants).filter(|slant| slant.abs() <= MAX_SLANT_RADIANS).unwrap_or(0.0)
}

/// Width and height of a word's box, turned upright.
fn upright_size(word: &Word, quarter_turns: usize) -> (f64, f64) {
    let (width, height) = (f64::from(word.bbox.width()), f64::from(word.bbox.height()));
    if quarter_turns.is_multiple_of(2) { (width, height) } else { (height, width) }
}

impl TextQuad {
    /// The slanted rectangle whose upright box is the word's.
    fn from_word(word: &Word, quarter_turns: usize, slant: f64) -> TextQuad {
        let (width, height) = upright_size(word, quarter_turns);
        let (sin, cos) = (slant.sin().abs(), slant.cos());
        let cos_double = (2.0 * slant).cos();
        // If no rectangle with this slant fits the box, the word slants less.
        let length = ((width * cos - height * sin) / cos_double).clamp(MIN_QUAD_RATIO * width, width);
        let quad_height = ((height * cos - width * sin) / cos_double).clamp(MIN_QUAD_RATIO * height, height);
        let to_line = Affine::rotate(-(quarter_turns as f64) * FRAC_PI_2 - slant);
        TextQuad { center: to_line * bbox_center(&word.bbox), length, height: quad_height }
    }
}

fn place_line<'p>(line: &[&'p Word], quarter_turns: usize, slant: f64) -> Vec<PlacedWord<'p>> {
    let quads: Vec<TextQuad> =
        line.iter().map(|word| TextQuad::from_word(word, quarter_turns, slant)).collect();
    let estimates: Vec<(f64, f64)> =
        line.iter().zip(&quads).map(|(word, quad)| estimate_size_and_baseline(&word.text, quad)).collect();
    let line_size = median(estimates.iter().map(|(size, _)| *size)).unwrap_or_default();
    let line_baseline = median(estimates.iter().map(|(_, baseline)| *baseline)).unwrap_or_default();
    line.iter()
        .zip(quads)
        .zip(estimates)
        .map(|((word, quad), (size, baseline))| {
            let is_apart = (baseline - line_baseline).abs() > line_size.max(size) / 2.0
                || size > MAX_SIZE_RATIO * line_size
                || line_size > MAX_SIZE_RATIO * size && word.text.chars().any(char::is_alphanumeric);
            let (font_size, baseline) = if is_apart { (size, baseline) } else { (line_size, line_baseline) };
            // Horizontal, at the word's own height on the slanted line.
            let foot = Affine::rotate(slant) * Point::new(quad.center.x, baseline);
            let (x0, x1) = (foot.x - quad.length / 2.0, foot.x + quad.length / 2.0);
            PlacedWord { text: &word.text, x0, x1, baseline: foot.y, font_size }
        })
        .collect()
}

/// The font size and the baseline of a word whose letters fill this rectangle.
fn estimate_size_and_baseline(text: &str, quad: &TextQuad) -> (f64, f64) {
    let has_descender = text.chars().any(|char| "gjpqyçQ,;()[]{}|/@$µ".contains(char));
    let is_low = |char: char| char.is_lowercase() && !"bdfhiklt".contains(char) || ".,-".contains(char);
    let ascent = if text.chars().all(is_low) { X_HEIGHT_EM } else { ASCENT_EM };
    let descent = if has_descender { DESCENT_EM } else { 0.0 };
    let size = quad.height / (ascent + descent);
    (size, quad.center.y + quad.height / 2.0 - descent * size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{Line, TextSource};

    use crate::geometry::bbox_from_rect;

    /// Two lines of words in ten points, 30 points long and 40 apart, put on a page by `turn`.
    fn page(turn: Affine) -> Page {
        let line = |y: f64| {
            let word = |n: u32| {
                let x = 40.0 * f64::from(n);
                let area = hayro::kurbo::Rect::new(x, y - 7.2, x + 30.0, y);
                let bbox = bbox_from_rect(turn.transform_rect_bbox(area));
                Word { text: "bold".to_owned(), bbox, confidence: 90 }
            };
            Line::body((0..6).map(word).collect())
        };
        Page::new(1, 400.0, 400.0, TextSource::Ocr { confidence: 90 }, vec![line(20.0), line(40.0)])
    }

    #[test]
    fn words_of_any_direction_are_placed_on_their_lines() {
        for degrees in [0.0_f64, 4.0, -7.0, 90.0, 92.0, 180.0, 270.0] {
            let turn = Affine::translate((200.0, 200.0)) * Affine::rotate(degrees.to_radians());
            let page = page(turn);
            let blocks = place_words(&page, |_| true);
            assert_eq!(blocks.len(), 1, "{degrees}");
            let quarter_turns = (degrees / 90.0).round();
            assert_eq!(blocks[0].quarter_turns as f64, quarter_turns, "{degrees}");
            let upright = Affine::rotate(-quarter_turns * FRAC_PI_2) * turn;
            for (n, line) in blocks[0].lines.iter().enumerate() {
                for (k, word) in line.iter().enumerate() {
                    let foot = upright * Point::new(40.0 * k as f64 + 15.0, 20.0 * (n + 1) as f64);
                    assert!((word.font_size - 10.0).abs() < 0.1, "{degrees}: {}", word.font_size);
                    assert!((word.x1 - word.x0 - 30.0).abs() < 0.1, "{degrees}");
                    assert!((word.baseline - foot.y).abs() < 0.1, "{degrees}: {} {}", word.baseline, foot.y);
                    assert!(((word.x0 + word.x1) / 2.0 - foot.x).abs() < 0.1, "{degrees}");
                }
            }
        }
    }

    #[test]
    fn word_without_ascenders_has_the_size_of_its_line() {
        let quad = |height: f64| TextQuad { center: Point::new(0.0, -height / 2.0), length: 20.0, height };
        for (text, height, bottom) in
            [("on", 5.2, 0.0), ("Bold", 7.2, 0.0), ("gone", 7.3, 2.1), ("Joy", 9.3, 2.1)]
        {
            let (size, baseline) = estimate_size_and_baseline(text, &quad(height));
            assert!(
                (size - 10.0).abs() < 0.1 && (baseline + bottom).abs() < 0.1,
                "{text}: {size} {baseline}"
            );
        }
    }
}
