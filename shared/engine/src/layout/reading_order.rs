//! Reading order: groups words into lines and orders the lines, column by column. Knows boxes only, in coordinates in which
//! text runs from left to right and lines follow downwards.

use std::ops::Range;

use hayro::kurbo::{Affine, Rect};

use crate::geometry::median;

/// The box of a word for layout. `y0` to `y1` is the height of its line rather than of its ink, so that "on" and "Joy"
/// align.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayoutBox {
    pub(crate) x0: f64,
    pub(crate) x1: f64,
    pub(crate) y0: f64,
    pub(crate) y1: f64,
}

impl LayoutBox {
    /// The box after a transform that keeps lines horizontal.
    pub(crate) fn transformed(self, transform: Affine) -> LayoutBox {
        let rect = transform.transform_rect_bbox(Rect::new(self.x0, self.y0, self.x1, self.y1));
        LayoutBox { x0: rect.x0, x1: rect.x1, y0: rect.y0, y1: rect.y1 }
    }

    fn height(&self) -> f64 {
        (self.y1 - self.y0).max(0.1)
    }

    fn center_y(&self) -> f64 {
        (self.y0 + self.y1) / 2.0
    }
}

/// Words of one row have centres that differ by less than this share of the smaller height.
const MAX_ROW_OFFSET_RATIO: f64 = 0.45;
/// A gap wider than this share of the height may separate columns or cells.
const MIN_COLUMN_GAP_RATIO: f64 = 1.5;
/// Columns of prose have at least this many lines.
const MIN_COLUMN_LINES: usize = 4;
/// Lines of a prose column have at least this many words, or letters, on average. Table cells have fewer.
const MIN_WORDS_PER_LINE_RATIO: f64 = 3.5;
const MIN_LETTERS_PER_LINE_RATIO: f64 = 18.0;
/// The median line of a prose column fills at least this share of its width.
const MIN_COLUMN_FILL_RATIO: f64 = 0.8;

/// Neighbours on a row with no wide gap between them, as indices into the boxes.
#[derive(Debug, Clone)]
struct RowSegment {
    boxes: Vec<usize>,
    x0: f64,
    x1: f64,
}

impl RowSegment {
    /// Whether the segment ends left of `x`.
    fn is_left_of(&self, x: f64) -> bool {
        self.x1 <= x
    }
}

type TextRow = Vec<RowSegment>;

/// Rows that a vertical line at `x` cuts into two columns of prose.
struct ColumnRun {
    rows: Range<usize>,
    x: f64,
}

/// Lines of indices into `boxes`, in the order in which a person reads them. Columns of prose are read one after the
/// other; the cells of a table row stay on one line.
pub(crate) fn reading_order(boxes: &[LayoutBox]) -> Vec<Vec<usize>> {
    let mut lines = Vec::new();
    order_block(&group_rows(boxes), &mut lines);
    lines
}

/// Whether letters, not yet grouped into words, form columns of prose.
pub(crate) fn has_columns(letters: &[LayoutBox]) -> bool {
    find_columns(&group_rows(letters), MIN_LETTERS_PER_LINE_RATIO).is_some()
}

/// Groups the boxes into rows, from top to bottom, each row from left to right.
fn group_rows(boxes: &[LayoutBox]) -> Vec<TextRow> {
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by(|a, b| boxes[*a].x0.total_cmp(&boxes[*b].x0));
    // From left to right, each word joins the row whose last word is nearest in height. Comparing with the neighbour
    // instead of the whole row follows lines that are slightly skewed.
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for index in order {
        let word = &boxes[index];
        let row_offset = |row: &Vec<usize>| {
            let last = &boxes[row[row.len() - 1]];
            let offset = (last.center_y() - word.center_y()).abs() / last.height().min(word.height());
            let is_beside = word.x0 > last.x1 - 0.5 * word.height().min(last.height());
            (offset < MAX_ROW_OFFSET_RATIO && is_beside).then_some(offset)
        };
        let nearest = rows
            .iter_mut()
            .filter_map(|row| row_offset(row).map(|offset| (offset, row)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, row)) => row.push(index),
            None => rows.push(vec![index]),
        }
    }
    let mean_y =
        |row: &Vec<usize>| row.iter().map(|index| boxes[*index].center_y()).sum::<f64>() / row.len() as f64;
    rows.sort_by(|a, b| mean_y(a).total_cmp(&mean_y(b)));
    rows.iter().map(|row| split_at_gaps(row, boxes)).collect()
}

/// Splits a row at its wide gaps.
fn split_at_gaps(row: &[usize], boxes: &[LayoutBox]) -> TextRow {
    let mut segments: TextRow = Vec::new();
    for index in row {
        let word = &boxes[*index];
        match segments.last_mut() {
            Some(segment) if word.x0 - segment.x1 <= MIN_COLUMN_GAP_RATIO * word.height() => {
                segment.boxes.push(*index);
                segment.x1 = segment.x1.max(word.x1);
            }
            _ => segments.push(RowSegment { boxes: vec![*index], x0: word.x0, x1: word.x1 }),
        }
    }
    segments
}

/// Appends the block's lines to `lines`: first the rows above its columns, then each column, then the rows below.
fn order_block(block: &[TextRow], lines: &mut Vec<Vec<usize>>) {
    let Some(ColumnRun { rows, x }) = find_columns(block, MIN_WORDS_PER_LINE_RATIO) else {
        lines.extend(
            block.iter().map(|row| row.iter().flat_map(|segment| segment.boxes.iter().copied()).collect()),
        );
        return;
    };
    let column = |is_left: bool| -> Vec<TextRow> {
        let is_in_column = |segment: &&RowSegment| segment.is_left_of(x) == is_left;
        let rows = block[rows.clone()]
            .iter()
            .map(|row| row.iter().filter(is_in_column).cloned().collect::<TextRow>());
        rows.filter(|row| !row.is_empty()).collect()
    };
    order_block(&block[..rows.start], lines);
    order_block(&column(true), lines);
    order_block(&column(false), lines);
    order_block(&block[rows.end..], lines);
}

/// The longest run of rows that a vertical line cuts into two columns of prose. `min_per_line` is the least mean number
/// of boxes on a line of a column.
fn find_columns(block: &[TextRow], min_per_line: f64) -> Option<ColumnRun> {
    // Columns need not share their baselines, so a row may belong to one of them only: a gap may begin at the end of
    // any segment.
    let mut gaps: Vec<f64> = block.iter().flatten().map(|segment| segment.x1 + 1.0).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.dedup();
    let runs = gaps
        .into_iter()
        .flat_map(|x| uncrossed_runs(block, x).into_iter().map(move |rows| ColumnRun { rows, x }));
    runs.filter(|run| are_prose_columns(&block[run.rows.clone()], run.x, min_per_line))
        .max_by_key(|run| run.rows.len())
}

/// The runs of rows that no segment crosses at `x`, if they are long enough to be columns.
fn uncrossed_runs(block: &[TextRow], x: f64) -> Vec<Range<usize>> {
    let is_crossed = |row: &TextRow| row.iter().any(|segment| segment.x0 < x && segment.x1 > x);
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 0..=block.len() {
        if at == block.len() || is_crossed(&block[at]) {
            if at - start >= MIN_COLUMN_LINES {
                runs.push(start..at);
            }
            start = at + 1;
        }
    }
    runs
}

/// Whether both sides of `x` are prose.
fn are_prose_columns(rows: &[TextRow], x: f64, min_per_line: f64) -> bool {
    [true, false].into_iter().all(|is_left| {
        let column: Vec<&RowSegment> =
            rows.iter().flatten().filter(|segment| segment.is_left_of(x) == is_left).collect();
        if column.len() < MIN_COLUMN_LINES {
            return false;
        }
        let boxes: usize = column.iter().map(|segment| segment.boxes.len()).sum();
        let x0 = column.iter().map(|segment| segment.x0).fold(f64::INFINITY, f64::min);
        let x1 = column.iter().map(|segment| segment.x1).fold(f64::NEG_INFINITY, f64::max);
        let widths = column.iter().map(|segment| segment.x1 - segment.x0);
        let is_filled = median(widths).is_some_and(|median| median >= MIN_COLUMN_FILL_RATIO * (x1 - x0));
        boxes as f64 >= min_per_line * column.len() as f64 && is_filled
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds one box per word of `text`, six points wide per letter, from `x` on the line at `y`.
    fn put(boxes: &mut Vec<LayoutBox>, words: &mut Vec<String>, x: f64, y: f64, text: &str) {
        let mut at = x;
        for word in text.split(' ') {
            let width = 6.0 * word.len() as f64;
            boxes.push(LayoutBox { x0: at, x1: at + width, y0: y, y1: y + 10.0 });
            words.push(word.to_owned());
            at += width + 4.0;
        }
    }

    fn read(boxes: &[LayoutBox], words: &[String]) -> Vec<String> {
        let line =
            |line: Vec<usize>| line.iter().map(|index| words[*index].as_str()).collect::<Vec<_>>().join(" ");
        reading_order(boxes).into_iter().map(line).collect()
    }

    #[test]
    fn title_is_read_before_columns_and_columns_in_turn() {
        let (mut boxes, mut words) = (Vec::new(), Vec::new());
        put(&mut boxes, &mut words, 60.0, 20.0, "A title that stands over both of the columns below it all");
        for line in 0..6 {
            let y = 50.0 + 14.0 * f64::from(line);
            put(&mut boxes, &mut words, 40.0, y, &format!("left text goes on here {line}"));
            put(&mut boxes, &mut words, 260.0, y + 3.0, &format!("right text goes on here {line}"));
        }
        let lines = read(&boxes, &words);
        assert_eq!(lines[0], "A title that stands over both of the columns below it all");
        assert_eq!(lines[1], "left text goes on here 0");
        assert_eq!(lines[6], "left text goes on here 5");
        assert_eq!(lines[7], "right text goes on here 0");
    }

    #[test]
    fn table_cells_of_a_row_stay_on_one_line() {
        let (mut boxes, mut words) = (Vec::new(), Vec::new());
        for (row, test) in ["Sodium", "Potassium", "Creatinine", "Glucose", "Haemoglobin", "Platelets"]
            .into_iter()
            .enumerate()
        {
            let y = 50.0 + 14.0 * row as f64;
            put(&mut boxes, &mut words, 40.0, y, test);
            put(&mut boxes, &mut words, 200.0, y, &format!("{row}.4"));
            put(&mut boxes, &mut words, 280.0, y, "mmol/L");
        }
        let lines = read(&boxes, &words);
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[1], "Potassium 1.4 mmol/L");
    }

    #[test]
    fn skewed_line_stays_one_line() {
        let (mut boxes, mut words) = (Vec::new(), Vec::new());
        for (n, word) in ["all", "of", "this", "climbs", "up", "the", "page"].into_iter().enumerate() {
            put(&mut boxes, &mut words, 40.0 + 50.0 * n as f64, 100.0 - 2.0 * n as f64, word);
        }
        assert_eq!(read(&boxes, &words), ["all of this climbs up the page"]);
    }
}
