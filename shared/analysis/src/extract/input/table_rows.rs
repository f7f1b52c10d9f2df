//! Rows of tables: where on the page the cells of a row stand, and which line below only goes on in one of them. Never
//! reads what the cells say.

use maneiro_page::{BBox, Line, Word};

/// The blank between two cells is wider than the words are high by so much; between two words it is less.
const COLUMN_GAP: f32 = 1.1;
/// The blank between two words, in their height.
const WORD_GAP: f32 = 0.4;
/// How far a column's words may stand out of line on a tilted page, in their height.
const TILT: f32 = 0.6;
/// Most room between a line and the one that it goes on in, in the height of their words.
pub(super) const LINE_GAP: f32 = 1.3;

/// Whether so wide a blank stands before a word that it begins a cell.
fn begins_cell(before: &Word, word: &Word) -> bool {
    word.bbox.x0 - before.bbox.x1 > height(&word.bbox) * COLUMN_GAP
}

/// A row of at least three cells; of fewer it could as well be two words that a justified line pulls apart.
pub(super) struct Row {
    cells: Vec<Cell>,
}

struct Cell {
    x0: f32,
    /// The last word.
    last: BBox,
    /// How many words of the row stand up to its end.
    end: usize,
}

impl Row {
    /// The row that a line is, if it is one.
    pub(super) fn of(line: &Line) -> Option<Self> {
        let mut cells: Vec<Cell> = Vec::new();
        for (at, word) in line.words.iter().enumerate() {
            let begins = at == 0 || begins_cell(&line.words[at - 1], word);
            match cells.last_mut().filter(|_| !begins) {
                Some(cell) => (cell.last, cell.end) = (word.bbox, at + 1),
                None => cells.push(Cell { x0: word.bbox.x0, last: word.bbox, end: at + 1 }),
            }
        }
        (cells.len() >= 3).then_some(Self { cells })
    }

    /// Takes the line into the cell that it goes on in: a cell other than the first, right below which it stands, and in
    /// which its first word would not have fitted. Says after how many words of the row its own belong. `margin` is
    /// where the page's longest line ends.
    pub(super) fn take(&mut self, line: &Line, margin: f32) -> Option<usize> {
        let (first, last) = (line.words.first()?, line.words.last()?);
        if line.words.windows(2).any(|pair| begins_cell(&pair[0], &pair[1])) {
            return None;
        }
        let at = self.cells.iter().rposition(|cell| {
            let height = height(&cell.last).max(height(&first.bbox));
            (cell.x0 - first.bbox.x0).abs() <= height * TILT
                && first.bbox.y0 - cell.last.y1 <= height * LINE_GAP
        })?;
        let (cell, next) = (&self.cells[at], self.cells.get(at + 1));
        let height = height(&cell.last).max(height(&first.bbox));
        let room = next.map_or(margin, |next| next.x0 - height * COLUMN_GAP);
        let fitted = cell.last.x1 + height * WORD_GAP + (first.bbox.x1 - first.bbox.x0) <= room;
        if at == 0 || fitted || next.is_some_and(|next| last.bbox.x1 >= next.x0) {
            return None;
        }
        let place = cell.end;
        self.cells[at].last = last.bbox;
        for cell in &mut self.cells[at..] {
            cell.end += line.words.len();
        }
        Some(place)
    }
}

fn height(bbox: &BBox) -> f32 {
    (bbox.y1 - bbox.y0).max(1.0)
}
