//! From glyphs to words.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hayro::kurbo::{Affine, Point, Rect};

use super::glyphs::Placed;
use maneiro_page::{BBox, Word};

use crate::layout::{merge_layers::Standing, reading_order};

/// A gap wider than this, in parts of the font size, ends a word. The space of common fonts is 0.25 to 0.28 wide and
/// is squeezed in justified text; kerning and letter spacing stay below.
const WORD_GAP: f64 = 0.14;
/// Glyphs whose baselines differ by more than this, in parts of the font size, are not in one word.
const BASELINE_SHIFT: f64 = 0.25;
/// Text this close to itself is drawn twice to look bold.
const DOUBLE_STRIKE: f64 = 0.12;

/// How sure we are of words that the page shows.
const SHOWN: u8 = 100;
/// How sure we are of words that another program has recognised and laid invisibly over a scan.
const HIDDEN: u8 = 90;

/// The words of a page, in the order in which they are drawn.
pub(super) struct Words {
    /// Those that the page shows.
    pub(super) shown: Vec<Standing>,
    /// Those that it does not.
    pub(super) hidden: Vec<Standing>,
}

/// The words that `glyphs` make.
pub(super) fn of(glyphs: &[Placed], width: f32, height: f32) -> Words {
    let mut directions: Vec<(i32, Vec<&Placed>)> = Vec::new();
    for glyph in glyphs {
        let direction = nearest_direction(glyph.angle());
        match directions.iter_mut().find(|(other, _)| *other == direction) {
            Some((_, same)) => same.push(glyph),
            None => directions.push((direction, vec![glyph])),
        }
    }
    let mut words = Words { shown: Vec::new(), hidden: Vec::new() };
    for (direction, glyphs) in directions {
        let upright = Affine::rotate(-f64::from(direction).to_radians());
        for word in joined(glyphs.into_iter(), upright) {
            let side = if word.shown { &mut words.shown } else { &mut words.hidden };
            side.push(word.finish(upright, direction, width, height));
        }
    }
    words
}

/// Slanted by a few degrees is still horizontal or vertical; anything else goes by steps of ten degrees.
fn nearest_direction(angle: f64) -> i32 {
    let degrees = angle.to_degrees();
    let right = (degrees / 90.0).round() * 90.0;
    let nearest = if (degrees - right).abs() <= 15.0 { right } else { (degrees / 10.0).round() * 10.0 };
    nearest.rem_euclid(360.0) as i32
}

/// A word in the making, in coordinates in which its line runs from left to right.
struct Building {
    text: String,
    /// Along the baseline.
    x0: f64,
    x1: f64,
    baseline: f64,
    size: f64,
    /// What it blackens.
    ink: Option<Rect>,
    shown: bool,
}

impl Building {
    /// From the top of its small letters to the baseline at least, and all of its ink.
    fn area(&self) -> Rect {
        let body = Rect::new(self.x0, self.baseline - 0.5 * self.size, self.x1, self.baseline);
        match self.ink {
            Some(ink) => Rect::new(body.x0, body.y0.min(ink.y0), body.x1, body.y1.max(ink.y1)),
            None => body,
        }
    }

    fn item(&self) -> reading_order::Item {
        reading_order::Item {
            x0: self.x0,
            x1: self.x1,
            y0: self.baseline - 0.7 * self.size,
            y1: self.baseline,
        }
    }

    fn finish(self, upright: Affine, direction: i32, width: f32, height: f32) -> Standing {
        let area = upright.inverse().transform_rect_bbox(self.area());
        let bbox = BBox { x0: area.x0 as f32, y0: area.y0 as f32, x1: area.x1 as f32, y1: area.y1 as f32 };
        let confidence = if self.shown { SHOWN } else { HIDDEN };
        let item = self.item();
        let word = Word { text: self.text, bbox: bbox.clamp_to_page(width, height), confidence };
        Standing { word, item, direction }
    }
}

/// Joins glyphs that stand side by side, in the order in which they are drawn.
fn joined<'g>(glyphs: impl Iterator<Item = &'g Placed>, upright: Affine) -> Vec<Building> {
    let mut done: Vec<Building> = Vec::new();
    let mut open: Option<Building> = None;
    let mut struck = HashMap::with_capacity_and_hasher(glyphs.size_hint().0, RandomState::default());
    let is_level = upright == Affine::IDENTITY;
    for glyph in glyphs {
        let mut buffer = [0; 4];
        let text = glyph.meaning.text(&mut buffer);
        let Some(first) = text.chars().next() else { continue };
        if glyph.is_space() {
            done.extend(open.take());
            continue;
        }
        let at = upright * glyph.origin;
        let size = glyph.up.hypot().max(0.1);
        if is_struck_again(&mut struck, first, at, size) {
            continue;
        }
        let end = at.x + glyph.advance.hypot();
        let ink = (glyph.ink.area() > 0.0)
            .then(|| if is_level { glyph.ink } else { upright.transform_rect_bbox(glyph.ink) });
        // A glyph may stand for several words, as a font may have one glyph for all of "Dr. med.".
        let characters = text.chars().filter(|char| *char != ' ');
        match &mut open {
            Some(word) if continues(word, at, size) => {
                word.text.extend(characters);
                word.x1 = word.x1.max(end);
                word.x0 = word.x0.min(at.x);
                word.size = word.size.max(size);
                word.ink = match (word.ink, ink) {
                    (Some(before), Some(ink)) => Some(before.union(ink)),
                    (before, ink) => before.or(ink),
                };
                word.shown |= glyph.visible;
            }
            _ => {
                done.extend(open.take());
                open = Some(Building {
                    text: characters.collect(),
                    x0: at.x,
                    x1: end,
                    baseline: at.y,
                    size,
                    ink,
                    shown: glyph.visible,
                });
            }
        }
    }
    done.extend(open);
    done
}

/// Whether a glyph of this size at this place carries on the word.
fn continues(word: &Building, at: Point, size: f64) -> bool {
    let em = word.size.max(size);
    let gap = at.x - word.x1;
    (at.y - word.baseline).abs() <= BASELINE_SHIFT * em && gap <= WORD_GAP * em && gap >= -0.4 * em
}

/// The first character of a glyph and the cell of the page in which it stands.
type Cell = (char, i64, i64);

/// Whether the same characters were drawn at this place already; if not, remembers them.
fn is_struck_again(
    struck: &mut HashMap<Cell, Point, RandomState>,
    first: char,
    at: Point,
    size: f64,
) -> bool {
    let reach = DOUBLE_STRIKE * size;
    // Narrow letters stand side by side in cells of their own; few neighbourhoods touch more than two cells.
    let (width, height) = (1.6 * reach, 4.0 * reach);
    let cell = |place: f64, side: f64| (place / side).floor() as i64;
    for column in cell(at.x - reach, width)..=cell(at.x + reach, width) {
        for row in cell(at.y - reach, height)..=cell(at.y + reach, height) {
            if struck.get(&(first, column, row)).is_some_and(|before| before.distance(at) < reach) {
                return true;
            }
        }
    }
    struck.insert((first, cell(at.x, width), cell(at.y, height)), at);
    false
}
