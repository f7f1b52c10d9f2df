//! Tesseract's TSV: the words of a recognised image, with their confidences and their lines.

use hayro::kurbo::Rect;

/// The columns of a row: level, numbers of page, block, paragraph, line and word, left, top, width, height, confidence,
/// text.
const COLUMN_COUNT: usize = 12;

/// A word as Tesseract returns it. Bounds are in pixels of the image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TsvWord<'t> {
    pub(super) text: &'t str,
    /// 0 to 100, or a little beyond.
    pub(super) confidence: f32,
    pub(super) bounds: Rect,
    /// The bounds of its line.
    pub(super) line_bounds: Rect,
}

/// The words of a TSV text. A line's row precedes those of its words. Texts are not quoted, and hold no tabs. None if the
/// row of a line or word is not as Tesseract writes them.
pub(super) fn parse_words(tsv: &str) -> Option<Vec<TsvWord<'_>>> {
    let mut words = Vec::new();
    let mut line_bounds = None;
    for row in tsv.split('\n') {
        let is_line = match row.split('\t').next() {
            Some("4") => true,
            Some("5") => false,
            // A page, a block or a paragraph.
            _ => continue,
        };
        let columns: Vec<&str> = row.splitn(COLUMN_COUNT, '\t').collect();
        let &[_, _, _, _, _, _, left, top, width, height, confidence, text] = &columns[..] else {
            return None;
        };
        let pixels = |column: &str| column.parse::<i32>().ok().map(f64::from);
        let (x, y) = (pixels(left)?, pixels(top)?);
        let bounds = Rect::new(x, y, x + pixels(width)?, y + pixels(height)?);
        if is_line {
            line_bounds = Some(bounds);
        } else {
            // Tesseract writes it in the locale of the process, which may have a decimal comma.
            let confidence = confidence.replace(',', ".").parse().ok()?;
            words.push(TsvWord { text, confidence, bounds, line_bounds: line_bounds? });
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The TSV of these rows, each with its last columns: left, top, width, height, confidence, text.
    fn tsv(rows: &[(u8, [&str; 6])]) -> String {
        rows.iter()
            .map(|(level, columns)| format!("{level}\t1\t1\t1\t1\t1\t{}\n", columns.join("\t")))
            .collect()
    }

    #[test]
    fn words_have_the_bounds_of_the_line_row_before_them() {
        let page = ["0", "0", "2550", "3300", "-1", ""];
        let tsv = tsv(&[
            (1, page),
            (2, page),
            (3, page),
            (4, ["10", "20", "300", "40", "-1", ""]),
            (5, ["10", "25", "90", "30", "96.282074", "Aspirin"]),
            (5, ["110", "25", "200", "35", "100.5", "\"5'11\"\""]),
            (2, page),
            (3, page),
            (4, ["-1", "80", "50", "20", "-1", ""]),
            (5, ["-1", "80", "50", "20", "7,125000", "5,0"]),
            (5, ["50", "80", "0", "0", "0.000000", ""]),
        ]);
        let first_line = Rect::new(10.0, 20.0, 310.0, 60.0);
        let second_line = Rect::new(-1.0, 80.0, 49.0, 100.0);
        let word = |text, confidence, bounds: [f64; 4], line_bounds| {
            let [x0, y0, x1, y1] = bounds;
            TsvWord { text, confidence, bounds: Rect::new(x0, y0, x1, y1), line_bounds }
        };
        let expected = [
            word("Aspirin", 96.282_074, [10.0, 25.0, 100.0, 55.0], first_line),
            word("\"5'11\"\"", 100.5, [110.0, 25.0, 310.0, 60.0], first_line),
            word("5,0", 7.125, [-1.0, 80.0, 49.0, 100.0], second_line),
            word("", 0.0, [50.0, 80.0, 50.0, 80.0], second_line),
        ];
        assert_eq!(parse_words(&tsv).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn blank_image_has_no_words() {
        for blank in [String::new(), tsv(&[(1, ["0", "0", "2550", "3300", "-1", ""])])] {
            assert_eq!(parse_words(&blank), Some(Vec::new()), "{blank:?}");
        }
    }

    #[test]
    fn damaged_rows_are_refused() {
        let line = (4, ["10", "20", "300", "40", "-1", ""]);
        for damaged in [
            tsv(&[(5, ["10", "25", "90", "30", "96.28", "Aspirin"])]),
            tsv(&[line, (5, ["10", "25", "wide", "30", "96.28", "Aspirin"])]),
            tsv(&[line, (5, ["10", "25", "90", "30", "sure", "Aspirin"])]),
            tsv(&[line]) + "5\t1\t1\t1\t1\t1\t10\t25\t90\t30\t96.28",
        ] {
            assert_eq!(parse_words(&damaged), None, "{damaged:?}");
        }
    }
}
