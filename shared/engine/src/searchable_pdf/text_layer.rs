//! The content stream of a page's text layer: its words, drawn invisibly at their positions.

use std::{f64::consts::FRAC_PI_2, fmt::Write as _};

use hayro::kurbo::Affine;
use unicode_bidi::BidiInfo;

use super::{
    cid_font::{ADVANCE_EM, CidMap},
    text_placement::{self, PlacedWord},
};
use maneiro_page::{Page, TextSource, Word};

/// The widths of the space between two words. Wider gaps are left open.
const MIN_SPACE_EM: f64 = 0.05;
const MAX_SPACE_EM: f64 = 2.0;
/// The confidence of words that come from the file itself, not from OCR.
const CERTAIN_CONFIDENCE_PERCENT: u8 = 100;

/// A content stream that draws the page's recognised words, if there are any, except for `existing` ones. `to_user_space`
/// maps points on the page as shown to the coordinates of its content; `font` is the font's resource name.
pub(super) fn content_stream(
    page: &Page,
    existing: &[Word],
    to_user_space: Affine,
    font: &str,
    cids: &mut CidMap,
) -> Option<Vec<u8>> {
    match page.text_source {
        TextSource::Ocr { .. } | TextSource::Mixed { .. } => {}
        TextSource::TextLayer
        | TextSource::Blank
        | TextSource::Duplicate { .. }
        | TextSource::Unreadable { .. } => return None,
    }
    let is_recognised =
        |word: &Word| word.confidence < CERTAIN_CONFIDENCE_PERCENT && !existing.contains(word);
    let blocks = text_placement::place_words(page, is_recognised);
    if blocks.is_empty() {
        return None;
    }
    let mut content = String::new();
    for block in blocks {
        // In user space letters grow upwards, so the second axis is flipped.
        let turn = Affine::rotate(block.quarter_turns as f64 * FRAC_PI_2);
        let [a, b, c, d, e, f] = (to_user_space * turn * Affine::FLIP_Y).as_coeffs();
        let _ = writeln!(content, "q {a:.6} {b:.6} {c:.6} {d:.6} {e:.3} {f:.3} cm BT 3 Tr");
        for line in &block.lines {
            write_line(&mut content, line, font, cids);
        }
        content.push_str("ET Q\n");
    }
    Some(content.into_bytes())
}

fn write_line(content: &mut String, line: &[PlacedWord<'_>], font: &str, cids: &mut CidMap) {
    let mut font_size = 0.0;
    for (index, word) in line.iter().enumerate() {
        if word.font_size != font_size {
            font_size = word.font_size;
            let _ = writeln!(content, "/{font} {font_size:.3} Tf");
        }
        let codes: Vec<u16> = visual_order(word.text).map(|char| cids.cid(char)).collect();
        // Horizontal scaling makes the word fill its box.
        let scaling_percent =
            |width: f64, chars: usize| 100.0 * width / (chars as f64 * ADVANCE_EM * font_size);
        let scaling = scaling_percent(word.x1 - word.x0, codes.len());
        let _ = write!(content, "1 0 0 1 {:.3} {:.3} Tm {scaling:.3} Tz <", word.x0, -word.baseline);
        for code in codes {
            let _ = write!(content, "{code:04X}");
        }
        content.push_str("> Tj");
        // A space that fills the gap makes phrases searchable and selections continuous.
        if let Some(next) = line.get(index + 1) {
            let gap = (next.x0 - word.x1).clamp(MIN_SPACE_EM * font_size, MAX_SPACE_EM * font_size);
            let _ = write!(content, " {:.3} Tz <{:04X}> Tj", scaling_percent(gap, 1), cids.cid(' '));
        }
        content.push('\n');
    }
}

/// The characters of a word from left to right. Text of right-to-left scripts is drawn in this order, and PDF readers
/// reverse it.
fn visual_order(text: &str) -> impl Iterator<Item = char> {
    let bidi = BidiInfo::new(text, None);
    let ordered: String = match &bidi.paragraphs[..] {
        [one] if bidi.has_rtl() => bidi.reorder_line(one, one.range.clone()).into_owned(),
        _ => text.to_owned(),
    };
    ordered.chars().collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hebrew_is_reversed_and_its_numbers_are_not() {
        assert_eq!(visual_order("Aspirin").collect::<String>(), "Aspirin");
        assert_eq!(visual_order("שלום").collect::<String>(), "םולש");
        assert_eq!(visual_order("שלום12").collect::<String>(), "12םולש");
    }
}
