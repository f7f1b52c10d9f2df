//! Table rows: the cells of a row by their position on the page, and the lines below that continue one of the cells. Never
//! reads the text of a cell.

use maneiro_page::{BBox, Word};

/// Smallest gap between two cells, relative to the text height. The gap between two words is smaller.
const MIN_COLUMN_GAP_RATIO: f32 = 1.1;
/// Gap between two words, relative to the text height.
const WORD_GAP_RATIO: f32 = 0.4;
/// Largest horizontal offset of words of one column on a skewed page, relative to the text height.
const MAX_SKEW_OFFSET_RATIO: f32 = 0.6;
/// Largest gap between a line and its continuation, relative to the text height.
pub(super) const MAX_LINE_GAP_RATIO: f32 = 1.3;

/// Whether the gap before a word is wide enough to begin a new cell.
fn starts_cell(before: &Word, word: &Word) -> bool {
    word.bbox.x0 - before.bbox.x1 > height(&word.bbox) * MIN_COLUMN_GAP_RATIO
}

/// A row of at least three cells. Two could as well be the words of a justified line.
pub(super) struct TableRow {
    cells: Vec<TableCell>,
}

struct TableCell {
    x0: f32,
    last_word: BBox,
    /// Number of words of the row up to the end of this cell.
    word_end: usize,
}

impl TableRow {
    /// The row that a line forms, if it has enough cells.
    pub(super) fn from_words(words: &[&Word]) -> Option<Self> {
        let mut cells: Vec<TableCell> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let is_new = at == 0 || starts_cell(words[at - 1], word);
            match cells.last_mut().filter(|_| !is_new) {
                Some(cell) => (cell.last_word, cell.word_end) = (word.bbox, at + 1),
                None => cells.push(TableCell { x0: word.bbox.x0, last_word: word.bbox, word_end: at + 1 }),
            }
        }
        (cells.len() >= 3).then_some(Self { cells })
    }

    /// Adds the line to the cell that it continues: a cell other than the first, directly above the line, whose last line
    /// had no room for the first word of this one. Returns the number of words of the row before the added ones.
    /// `right_margin` is the end of the page's longest line.
    pub(super) fn append_continuation(&mut self, words: &[&Word], right_margin: f32) -> Option<usize> {
        let (first, last) = (words.first()?, words.last()?);
        if words.windows(2).any(|pair| starts_cell(pair[0], pair[1])) {
            return None;
        }
        let at = self.cells.iter().rposition(|cell| {
            let height = height(&cell.last_word).max(height(&first.bbox));
            (cell.x0 - first.bbox.x0).abs() <= height * MAX_SKEW_OFFSET_RATIO
                && first.bbox.y0 - cell.last_word.y1 <= height * MAX_LINE_GAP_RATIO
        })?;
        let (cell, next) = (&self.cells[at], self.cells.get(at + 1));
        let height = height(&cell.last_word).max(height(&first.bbox));
        let room = next.map_or(right_margin, |next| next.x0 - height * MIN_COLUMN_GAP_RATIO);
        let would_fit = cell.last_word.x1 + height * WORD_GAP_RATIO + (first.bbox.x1 - first.bbox.x0) <= room;
        if at == 0 || would_fit || next.is_some_and(|next| last.bbox.x1 >= next.x0) {
            return None;
        }
        let word_at = cell.word_end;
        self.cells[at].last_word = last.bbox;
        for cell in &mut self.cells[at..] {
            cell.word_end += words.len();
        }
        Some(word_at)
    }
}

fn height(bbox: &BBox) -> f32 {
    (bbox.y1 - bbox.y0).max(1.0)
}
