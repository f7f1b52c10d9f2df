//! Groups glyphs into words.

use std::{collections::HashMap, ops::RangeInclusive};

use foldhash::fast::RandomState;
use hayro::kurbo::{Affine, Point, Rect};

use super::{glyphs::PositionedGlyph, letter_spacing::letter_spacing_em};
use maneiro_page::Word;

use crate::{
    geometry::bbox_from_rect,
    layout::{merge_layers::PositionedWord, reading_order::LayoutBox},
};

/// A gap wider than this ends a word. The space of common fonts is 0.25 to 0.28 em wide, and narrower in justified text;
/// kerning and letter spacing stay below.
const MIN_WORD_GAP_EM: f64 = 0.14;
/// The same after a space character. One that takes no room on the page is left behind by typesetting, and is no space
/// between words; in the tightest line, one between words takes more.
const MIN_SPACE_EM: f64 = 0.07;
/// A glyph that begins further left than this starts a new word.
const MAX_OVERLAP_EM: f64 = 0.4;
/// Glyphs of one word have baselines that differ by at most this.
const MAX_BASELINE_SHIFT_EM: f64 = 0.25;
/// A glyph this close to the same glyph is a double strike (fake bold).
const MAX_DOUBLE_STRIKE_EM: f64 = 0.12;
/// From the baseline to the top of small letters, and to the top of the line.
const X_HEIGHT_EM: f64 = 0.5;
const LINE_HEIGHT_EM: f64 = 0.7;
/// The least font size, in points.
const MIN_FONT_SIZE_PT: f64 = 0.1;
/// Text slanted by at most this is still horizontal or vertical; other directions are rounded to this step.
const MAX_SLANT_DEGREES: f64 = 15.0;
const DIRECTION_STEP_DEGREES: f64 = 10.0;

/// The confidence of words that the page shows.
const VISIBLE_CONFIDENCE_PERCENT: u8 = 100;
/// The confidence of words in an invisible layer over a scan, which another program's OCR produced.
const HIDDEN_CONFIDENCE_PERCENT: u8 = 90;

/// The words of a page, in drawing order.
pub(super) struct PageWords {
    pub(super) visible: Vec<PositionedWord>,
    pub(super) hidden: Vec<PositionedWord>,
}

/// Groups the glyphs of a page of this size into words.
pub(super) fn build_words(glyphs: &[PositionedGlyph], width: f32, height: f32) -> PageWords {
    let mut directions: Vec<(i32, Vec<&PositionedGlyph>)> = Vec::new();
    for glyph in glyphs {
        let direction = snap_direction_degrees(glyph.angle_radians());
        match directions.iter_mut().find(|(other, _)| *other == direction) {
            Some((_, glyphs)) => glyphs.push(glyph),
            None => directions.push((direction, vec![glyph])),
        }
    }
    let mut words = PageWords { visible: Vec::new(), hidden: Vec::new() };
    for (direction, glyphs) in directions {
        let to_upright = Affine::rotate(-f64::from(direction).to_radians());
        for word in join_glyphs(&glyphs, to_upright) {
            let list = if word.is_visible { &mut words.visible } else { &mut words.hidden };
            list.push(word.finish(to_upright, direction, width, height));
        }
    }
    words
}

fn snap_direction_degrees(angle_radians: f64) -> i32 {
    let degrees = angle_radians.to_degrees();
    let right_angle = (degrees / 90.0).round() * 90.0;
    let snapped = if (degrees - right_angle).abs() <= MAX_SLANT_DEGREES {
        right_angle
    } else {
        (degrees / DIRECTION_STEP_DEGREES).round() * DIRECTION_STEP_DEGREES
    };
    snapped.rem_euclid(360.0) as i32
}

/// A word under construction, in coordinates in which its line runs from left to right.
struct WordBuilder {
    text: String,
    x0: f64,
    x1: f64,
    baseline: f64,
    font_size: f64,
    /// The box of the outlines.
    ink: Option<Rect>,
    is_visible: bool,
}

impl WordBuilder {
    /// At least from the top of small letters to the baseline, and all of the ink.
    fn area(&self) -> Rect {
        let body = Rect::new(self.x0, self.baseline - X_HEIGHT_EM * self.font_size, self.x1, self.baseline);
        match self.ink {
            Some(ink) => Rect::new(body.x0, body.y0.min(ink.y0), body.x1, body.y1.max(ink.y1)),
            None => body,
        }
    }

    fn layout_box(&self) -> LayoutBox {
        LayoutBox {
            x0: self.x0,
            x1: self.x1,
            y0: self.baseline - LINE_HEIGHT_EM * self.font_size,
            y1: self.baseline,
        }
    }

    fn finish(self, to_upright: Affine, direction_degrees: i32, width: f32, height: f32) -> PositionedWord {
        let bbox = bbox_from_rect(to_upright.inverse().transform_rect_bbox(self.area()));
        let confidence = if self.is_visible { VISIBLE_CONFIDENCE_PERCENT } else { HIDDEN_CONFIDENCE_PERCENT };
        let layout_box = self.layout_box();
        let word = Word { text: self.text, bbox: bbox.clamp_to_page(width, height), confidence };
        PositionedWord { word, layout_box, direction_degrees }
    }
}

/// Joins glyphs that are side by side, in drawing order.
fn join_glyphs(glyphs: &[&PositionedGlyph], to_upright: Affine) -> Vec<WordBuilder> {
    let mut finished: Vec<WordBuilder> = Vec::new();
    let mut open: Option<WordBuilder> = None;
    let mut drawn = HashMap::with_capacity_and_hasher(glyphs.len(), RandomState::default());
    let is_upright = to_upright == Affine::IDENTITY;
    let mut is_after_space = false;
    for (glyph, spacing_em) in glyphs.iter().zip(letter_spacing_em(glyphs, to_upright)) {
        let mut buffer = [0; 4];
        let text = glyph.text.as_str(&mut buffer);
        let Some(first) = text.chars().next() else { continue };
        if glyph.is_space() {
            // The glyphs of another program's OCR are not where the letters are.
            if !glyph.is_visible {
                finished.extend(open.take());
            }
            is_after_space = true;
            continue;
        }
        let gaps_em = if std::mem::take(&mut is_after_space) {
            // Where the advances are wrong, glyphs overlap, and the space is all that tells the words apart.
            -MIN_SPACE_EM..=spacing_em + MIN_SPACE_EM
        } else {
            -MAX_OVERLAP_EM..=spacing_em + MIN_WORD_GAP_EM
        };
        let at = to_upright * glyph.origin;
        let font_size = glyph.up.hypot().max(MIN_FONT_SIZE_PT);
        if is_double_struck(&mut drawn, first, at, font_size) {
            continue;
        }
        let end = at.x + glyph.advance.hypot();
        let ink = (glyph.ink.area() > 0.0)
            .then(|| if is_upright { glyph.ink } else { to_upright.transform_rect_bbox(glyph.ink) });
        // The text of a glyph may contain spaces: a font may have one glyph for "Dr. med.".
        let characters = text.chars().filter(|char| *char != ' ');
        match &mut open {
            Some(word) if continues_word(word, at, font_size, &gaps_em) => {
                word.text.extend(characters);
                word.x1 = word.x1.max(end);
                word.x0 = word.x0.min(at.x);
                word.font_size = word.font_size.max(font_size);
                word.ink = match (word.ink, ink) {
                    (Some(before), Some(ink)) => Some(before.union(ink)),
                    (before, ink) => before.or(ink),
                };
                word.is_visible |= glyph.is_visible;
            }
            _ => {
                finished.extend(open.take());
                open = Some(WordBuilder {
                    text: characters.collect(),
                    x0: at.x,
                    x1: end,
                    baseline: at.y,
                    font_size,
                    ink,
                    is_visible: glyph.is_visible,
                });
            }
        }
    }
    finished.extend(open);
    finished
}

/// Whether a glyph of this font size at this point continues the word, whose letters have such gaps.
fn continues_word(word: &WordBuilder, at: Point, font_size: f64, gaps_em: &RangeInclusive<f64>) -> bool {
    let em = word.font_size.max(font_size);
    let gap = at.x - word.x1;
    (at.y - word.baseline).abs() <= MAX_BASELINE_SHIFT_EM * em && gaps_em.contains(&(gap / em))
}

/// The first character of a glyph and the grid cell of its origin.
type GlyphCell = (char, i64, i64);

/// Whether the same character was drawn at this point already (fake bold); if not, adds it to `drawn`.
fn is_double_struck(
    drawn: &mut HashMap<GlyphCell, Point, RandomState>,
    first: char,
    at: Point,
    font_size: f64,
) -> bool {
    let reach = MAX_DOUBLE_STRIKE_EM * font_size;
    // Narrow letters side by side fall into separate cells, and few neighbourhoods touch more than two cells.
    let (width, height) = (1.6 * reach, 4.0 * reach);
    let cell = |coordinate: f64, side: f64| (coordinate / side).floor() as i64;
    for column in cell(at.x - reach, width)..=cell(at.x + reach, width) {
        for row in cell(at.y - reach, height)..=cell(at.y + reach, height) {
            if drawn.get(&(first, column, row)).is_some_and(|other| other.distance(at) < reach) {
                return true;
            }
        }
    }
    drawn.insert((first, cell(at.x, width), cell(at.y, height)), at);
    false
}
