//! Letter spacing: how far apart the letters of a passage are set. A heading with letters set far apart is one word, where
//! the same gaps in normal text would end one.

use hayro::kurbo::Affine;

use super::glyphs::PositionedGlyph;

/// A passage is judged by at least this many gaps between letters.
const MIN_GAPS: usize = 3;
/// Letters are set apart if three in four of their gaps are wider than this; kerning stays below.
const MIN_SPACING_EM: f64 = 0.06;
/// Letters further apart than this are not those of one word.
const MAX_SPACING_EM: f64 = 0.6;
/// Letters that are set apart have equal gaps, up to kerning: the quartiles differ by at most this.
const MAX_SPREAD_EM: f64 = 0.1;
/// A wider gap, or one further back, begins another passage.
const MAX_GAP_EM: f64 = 1.2;
const MAX_OVERLAP_EM: f64 = 0.4;
/// So do another baseline and another font size.
const MAX_BASELINE_SHIFT_EM: f64 = 0.25;
const MAX_FONT_SIZE_RATIO: f64 = 1.1;
/// The least share of letters in a passage: a row of single digits is a scale, not a number.
const MIN_LETTER_SHARE: f64 = 0.7;

/// The letter spacing at each of these glyphs, in ems; 0 where letters are set as usual. The glyphs are in drawing order,
/// and `to_upright` turns their lines from left to right.
pub(super) fn letter_spacing_em(glyphs: &[&PositionedGlyph], to_upright: Affine) -> Vec<f64> {
    let mut spacing = vec![0.0; glyphs.len()];
    let mut passage = SpacedLetters::default();
    for (index, glyph) in glyphs.iter().enumerate() {
        let at = to_upright * glyph.origin;
        let em = glyph.up.hypot();
        let end = at.x + glyph.advance.hypot();
        if glyph.is_space() {
            passage.is_after_space = true;
            continue;
        }
        let gap = (at.x - passage.end) / em;
        let continues = passage.letters > 0
            && (-MAX_OVERLAP_EM..=MAX_GAP_EM).contains(&gap)
            && (at.y - passage.baseline).abs() <= MAX_BASELINE_SHIFT_EM * em
            && em <= MAX_FONT_SIZE_RATIO * passage.em
            && passage.em <= MAX_FONT_SIZE_RATIO * em;
        if !continues {
            passage.close(index, &mut spacing);
        } else if !passage.is_after_space {
            passage.gaps_em.push(gap);
        }
        passage.letters += usize::from(glyph.is_letter());
        passage.glyphs += 1;
        (passage.end, passage.baseline, passage.em, passage.is_after_space) = (end, at.y, em, false);
    }
    passage.close(glyphs.len(), &mut spacing);
    spacing
}

/// Glyphs that follow each other on a line.
#[derive(Default)]
struct SpacedLetters {
    first: usize,
    glyphs: usize,
    letters: usize,
    /// The gaps between glyphs that no space stands between.
    gaps_em: Vec<f64>,
    end: f64,
    baseline: f64,
    em: f64,
    is_after_space: bool,
}

impl SpacedLetters {
    /// Sets the spacing of its glyphs, and begins a new one at this index.
    fn close(&mut self, index: usize, spacing: &mut [f64]) {
        if let Some(own) = self.spacing_em() {
            spacing[self.first..index].fill(own);
        }
        self.gaps_em.clear();
        (self.first, self.glyphs, self.letters) = (index, 0, 0);
    }

    fn spacing_em(&mut self) -> Option<f64> {
        let are_letters = self.letters as f64 >= MIN_LETTER_SHARE * self.glyphs as f64;
        // Most text is set as usual, and needs no sorting to see it.
        let wide = self.gaps_em.iter().filter(|gap| **gap > MIN_SPACING_EM).count();
        if self.gaps_em.len() < MIN_GAPS || !are_letters || 4 * wide < 3 * self.gaps_em.len() {
            return None;
        }
        self.gaps_em.sort_unstable_by(f64::total_cmp);
        let [first, median, third] =
            [1, 2, 3].map(|quarter| self.gaps_em[quarter * (self.gaps_em.len() - 1) / 4]);
        (median <= MAX_SPACING_EM && third - first <= MAX_SPREAD_EM).then_some(median)
    }
}
