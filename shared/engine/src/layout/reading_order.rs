//! Reading order: which words stand on one line, and which line comes next. Knows boxes only, in coordinates in
//! which text runs from left to right and lines follow downwards.

use hayro::kurbo::{Affine, Rect};

/// A word's place. `y0` to `y1` is the height of its line rather than of its ink, so that "on" and "Joy" align.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) x0: f64,
    pub(crate) x1: f64,
    pub(crate) y0: f64,
    pub(crate) y1: f64,
}

impl Item {
    /// Its place after a map that keeps lines level.
    pub(crate) fn mapped(self, to: Affine) -> Item {
        let place = to.transform_rect_bbox(Rect::new(self.x0, self.y0, self.x1, self.y1));
        Item { x0: place.x0, x1: place.x1, y0: place.y0, y1: place.y1 }
    }

    fn height(&self) -> f64 {
        (self.y1 - self.y0).max(0.1)
    }

    fn middle(&self) -> f64 {
        (self.y0 + self.y1) / 2.0
    }
}

/// Words on one row are of one line if their middles differ by less than this, in parts of the smaller height.
const SAME_ROW: f64 = 0.45;
/// A gap wider than this, in parts of the height, may be one between columns or cells.
const WIDE_GAP: f64 = 1.5;
/// Columns of prose have at least so many lines.
const COLUMN_LINES: usize = 4;
/// And so many words, or letters, on each of them, on average. Cells of a table have fewer.
const COLUMN_WORDS: f64 = 3.5;
const COLUMN_LETTERS: f64 = 18.0;
/// And its lines fill so much of its width, at the median.
const COLUMN_FILL: f64 = 0.8;

/// Neighbours on a row with no wide gap between them: indices into the items.
#[derive(Debug, Clone)]
struct Segment {
    items: Vec<usize>,
    x0: f64,
    x1: f64,
}

type Row = Vec<Segment>;

/// Lines of indices into `items`, in the order in which a person would read them. Columns of prose are read one
/// after the other; the cells of a table's row stay on one line.
pub(crate) fn reading_order(items: &[Item]) -> Vec<Vec<usize>> {
    let mut lines = Vec::new();
    read_block(&rows(items), &mut lines);
    lines
}

/// Whether letters, not yet joined into words, stand in columns of prose.
pub(crate) fn has_columns(letters: &[Item]) -> bool {
    widest_columns(&rows(letters), COLUMN_LETTERS).is_some()
}

/// Groups the items by row, from top to bottom, each row from left to right.
fn rows(items: &[Item]) -> Vec<Row> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| items[*a].x0.total_cmp(&items[*b].x0));
    // From left to right, each word joins the row whose last word is most nearly at its height. Comparing with the
    // neighbour, not the whole row, follows lines that are not quite level.
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for index in order {
        let item = &items[index];
        let distance = |row: &Vec<usize>| {
            let last = &items[row[row.len() - 1]];
            let apart = (last.middle() - item.middle()).abs() / last.height().min(item.height());
            let beside = item.x0 > last.x1 - 0.5 * item.height().min(last.height());
            (apart < SAME_ROW && beside).then_some(apart)
        };
        let nearest = rows
            .iter_mut()
            .filter_map(|row| distance(row).map(|apart| (apart, row)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, row)) => row.push(index),
            None => rows.push(vec![index]),
        }
    }
    let height =
        |row: &Vec<usize>| row.iter().map(|index| items[*index].middle()).sum::<f64>() / row.len() as f64;
    rows.sort_by(|a, b| height(a).total_cmp(&height(b)));
    rows.iter().map(|row| segments(row, items)).collect()
}

/// Cuts a row at its wide gaps.
fn segments(row: &[usize], items: &[Item]) -> Row {
    let mut segments: Row = Vec::new();
    for index in row {
        let item = &items[*index];
        match segments.last_mut() {
            Some(segment) if item.x0 - segment.x1 <= WIDE_GAP * item.height() => {
                segment.items.push(*index);
                segment.x1 = segment.x1.max(item.x1);
            }
            _ => segments.push(Segment { items: vec![*index], x0: item.x0, x1: item.x1 }),
        }
    }
    segments
}

/// Appends the block's lines to `lines`: what is above its columns, each column, what is below.
fn read_block(block: &[Row], lines: &mut Vec<Vec<usize>>) {
    let Some((from, to, x)) = widest_columns(block, COLUMN_WORDS) else {
        lines.extend(
            block.iter().map(|row| row.iter().flat_map(|segment| segment.items.iter().copied()).collect()),
        );
        return;
    };
    let side = |left: bool| -> Vec<Row> {
        let on_side = |segment: &&Segment| (segment.x1 <= x) == left;
        let rows = block[from..to].iter().map(|row| row.iter().filter(on_side).cloned().collect::<Row>());
        rows.filter(|row| !row.is_empty()).collect()
    };
    read_block(&block[..from], lines);
    read_block(&side(true), lines);
    read_block(&side(false), lines);
    read_block(&block[to..], lines);
}

/// The longest run of rows `from..to` that a vertical line at `x` cuts into two columns of prose.
fn widest_columns(block: &[Row], least_on_line: f64) -> Option<(usize, usize, f64)> {
    // Columns need not share their baselines, so a row may hold one of them only: every segment's end may be a gap's.
    let mut gaps: Vec<f64> = block.iter().flatten().map(|segment| segment.x1 + 1.0).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.dedup();
    let runs =
        gaps.into_iter().flat_map(|x| runs_beside(block, x).into_iter().map(move |(from, to)| (from, to, x)));
    runs.filter(|(from, to, x)| are_columns(&block[*from..*to], *x, least_on_line))
        .max_by_key(|(from, to, _)| to - from)
}

/// The runs of rows that no segment crosses at `x`, if they are long enough to be columns.
fn runs_beside(block: &[Row], x: f64) -> Vec<(usize, usize)> {
    let crossed = |row: &Row| row.iter().any(|segment| segment.x0 < x && segment.x1 > x);
    let mut runs = Vec::new();
    let mut from = 0;
    for at in 0..=block.len() {
        if at == block.len() || crossed(&block[at]) {
            if at - from >= COLUMN_LINES {
                runs.push((from, at));
            }
            from = at + 1;
        }
    }
    runs
}

/// Whether both sides of `x` are prose.
fn are_columns(rows: &[Row], x: f64, least_on_line: f64) -> bool {
    [true, false].into_iter().all(|left| {
        let side: Vec<&Segment> = rows.iter().flatten().filter(|segment| (segment.x1 <= x) == left).collect();
        if side.len() < COLUMN_LINES {
            return false;
        }
        let words: usize = side.iter().map(|segment| segment.items.len()).sum();
        let x0 = side.iter().map(|segment| segment.x0).fold(f64::INFINITY, f64::min);
        let x1 = side.iter().map(|segment| segment.x1).fold(f64::NEG_INFINITY, f64::max);
        let mut widths: Vec<f64> = side.iter().map(|segment| segment.x1 - segment.x0).collect();
        widths.sort_by(f64::total_cmp);
        let median = widths[widths.len() / 2];
        words as f64 >= least_on_line * side.len() as f64 && median >= COLUMN_FILL * (x1 - x0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One item per word of `text`, six points wide a letter, from `x` on the line at `y`.
    fn put(items: &mut Vec<Item>, words: &mut Vec<String>, x: f64, y: f64, text: &str) {
        let mut at = x;
        for word in text.split(' ') {
            let width = 6.0 * word.len() as f64;
            items.push(Item { x0: at, x1: at + width, y0: y, y1: y + 10.0 });
            words.push(word.to_owned());
            at += width + 4.0;
        }
    }

    fn read(items: &[Item], words: &[String]) -> Vec<String> {
        let line =
            |line: Vec<usize>| line.iter().map(|index| words[*index].as_str()).collect::<Vec<_>>().join(" ");
        reading_order(items).into_iter().map(line).collect()
    }

    #[test]
    fn columns_of_prose_are_read_one_after_the_other_and_their_title_first() {
        let (mut items, mut words) = (Vec::new(), Vec::new());
        put(&mut items, &mut words, 60.0, 20.0, "A title that stands over both of the columns below it all");
        for line in 0..6 {
            let y = 50.0 + 14.0 * f64::from(line);
            put(&mut items, &mut words, 40.0, y, &format!("left text goes on here {line}"));
            put(&mut items, &mut words, 260.0, y + 3.0, &format!("right text goes on here {line}"));
        }
        let lines = read(&items, &words);
        assert_eq!(lines[0], "A title that stands over both of the columns below it all");
        assert_eq!(lines[1], "left text goes on here 0");
        assert_eq!(lines[6], "left text goes on here 5");
        assert_eq!(lines[7], "right text goes on here 0");
    }

    #[test]
    fn the_cells_of_a_tables_row_stay_on_one_line() {
        let (mut items, mut words) = (Vec::new(), Vec::new());
        for (row, test) in ["Sodium", "Potassium", "Creatinine", "Glucose", "Haemoglobin", "Platelets"]
            .into_iter()
            .enumerate()
        {
            let y = 50.0 + 14.0 * row as f64;
            put(&mut items, &mut words, 40.0, y, test);
            put(&mut items, &mut words, 200.0, y, &format!("{row}.4"));
            put(&mut items, &mut words, 280.0, y, "mmol/L");
        }
        let lines = read(&items, &words);
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[1], "Potassium 1.4 mmol/L");
    }

    #[test]
    fn a_line_that_is_not_quite_level_stays_one_line() {
        let (mut items, mut words) = (Vec::new(), Vec::new());
        for (n, word) in ["all", "of", "this", "climbs", "up", "the", "page"].into_iter().enumerate() {
            put(&mut items, &mut words, 40.0 + 50.0 * n as f64, 100.0 - 2.0 * n as f64, word);
        }
        assert_eq!(read(&items, &words), ["all of this climbs up the page"]);
    }
}
