//! A page's text layer as content: its words, drawn invisibly where they stand.

use std::{f64::consts::FRAC_PI_2, fmt::Write as _};

use hayro::kurbo::Affine;
use unicode_bidi::BidiInfo;

use super::{
    cid_font::{ADVANCE, Characters},
    text_placement::{self, Placed},
};
use maneiro_page::{Page, TextSource, Word};

/// The widest space between two words, in parts of the font's size. Wider gaps are left open.
const WIDEST_SPACE: f64 = 2.0;
/// How sure the reader is of a word that the file itself has, as text or in a note.
const CERTAIN: u8 = 100;

/// The content that draws the page's recognised words, if there are any, but for those that are in the `file` already.
/// `to_user` leads from points on the page as shown to the coordinates of its content; `font` is the font's name there.
pub(super) fn content(
    page: &Page,
    file: &[Word],
    to_user: Affine,
    font: &str,
    characters: &mut Characters,
) -> Option<Vec<u8>> {
    match page.text_source {
        TextSource::Ocr { .. } | TextSource::Mixed { .. } => {}
        TextSource::TextLayer
        | TextSource::Blank
        | TextSource::Duplicate { .. }
        | TextSource::Unreadable { .. } => return None,
    }
    let blocks = text_placement::blocks(page, |word| word.confidence < CERTAIN && !file.contains(word));
    if blocks.is_empty() {
        return None;
    }
    let mut content = String::new();
    for block in blocks {
        // Letters stand upwards, so the second axis is turned over.
        let turn = Affine::rotate(block.quarters as f64 * FRAC_PI_2);
        let [a, b, c, d, e, f] = (to_user * turn * Affine::FLIP_Y).as_coeffs();
        let _ = writeln!(content, "q {a:.6} {b:.6} {c:.6} {d:.6} {e:.3} {f:.3} cm BT 3 Tr");
        for line in &block.lines {
            draw(&mut content, line, font, characters);
        }
        content.push_str("ET Q\n");
    }
    Some(content.into_bytes())
}

fn draw(content: &mut String, line: &[Placed<'_>], font: &str, characters: &mut Characters) {
    let mut size = 0.0;
    for (index, word) in line.iter().enumerate() {
        if word.size != size {
            size = word.size;
            let _ = writeln!(content, "/{font} {size:.3} Tf");
        }
        let codes: Vec<u16> = as_drawn(word.text).map(|char| characters.code(char)).collect();
        // Squeezed or stretched so that the word fills its box.
        let stretch = |width: f64, chars: usize| 100.0 * width / (chars as f64 * ADVANCE * size);
        let width = stretch(word.x1 - word.x0, codes.len());
        let _ = write!(content, "1 0 0 1 {:.3} {:.3} Tm {width:.3} Tz <", word.x0, -word.baseline);
        for code in codes {
            let _ = write!(content, "{code:04X}");
        }
        content.push_str("> Tj");
        // A space that fills the gap lets phrases be found and selections run through.
        if let Some(next) = line.get(index + 1) {
            let gap = (next.x0 - word.x1).clamp(0.05 * size, WIDEST_SPACE * size);
            let _ = write!(content, " {:.3} Tz <{:04X}> Tj", stretch(gap, 1), characters.code(' '));
        }
        content.push('\n');
    }
}

/// A word's characters from left to right. What is written from right to left is drawn in that order, and readers of
/// PDFs turn it back.
fn as_drawn(text: &str) -> impl Iterator<Item = char> {
    let bidi = BidiInfo::new(text, None);
    let drawn: String = match &bidi.paragraphs[..] {
        [one] if bidi.has_rtl() => bidi.reorder_line(one, one.range.clone()).into_owned(),
        _ => text.to_owned(),
    };
    drawn.chars().collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hebrew_is_drawn_from_right_to_left_with_its_numbers_as_they_are() {
        assert_eq!(as_drawn("Aspirin").collect::<String>(), "Aspirin");
        assert_eq!(as_drawn("שלום").collect::<String>(), "םולש");
        assert_eq!(as_drawn("שלום12").collect::<String>(), "12םולש");
    }
}
