//! Tables as grids: a head whose titles say what its columns hold, and rows whose words belong to the column that they stand
//! in. An empty cell stays empty. A head holds until something that is no row, also on the next page.

mod columns;

use maneiro_page::Word;
use time::Date;

pub(crate) use self::columns::ColumnRole;
use self::columns::{ColumnTitle, title_at};
use super::{forms::is_mark, sections::Section};
use crate::dates::DateOrder;

/// Smallest gap between two cells of a head, relative to the text height.
const MIN_TITLE_GAP_RATIO: f32 = 1.0;
/// Smallest gap between two cells of a row, relative to the text height. The gap between two words is smaller.
const MIN_CELL_GAP_RATIO: f32 = 0.8;
/// How far a cell may begin or end beside its title, relative to the text height.
const MAX_OFFSET_RATIO: f32 = 0.6;
/// Largest gap between a row and its continuation, relative to the text height.
const MAX_LINE_GAP_RATIO: f32 = 1.3;
/// Largest gap between two rows, relative to the text height.
const MAX_ROW_GAP_RATIO: f32 = 5.0;
/// Words from which on a line without a gap is prose and no cell.
const MIN_PROSE_WORDS: usize = 7;

/// A column: where its title stands and what its cells hold.
#[derive(Debug, Clone)]
struct Column {
    role: ColumnRole,
    /// The day of its results.
    date: Option<Date>,
    title: String,
    x0: f32,
    x1: f32,
}

/// The head of a table.
#[derive(Debug, Clone)]
pub(super) struct TableHead {
    columns: Vec<Column>,
    /// Columns of one entry: fewer than all if entries stand beside each other, as in "Condition Yes No Condition Yes No".
    entry_width: usize,
    section: Option<Section>,
}

/// A cell of a row: its column and which words of the line it has.
#[derive(Debug, Clone)]
pub(super) struct RowCell {
    pub(super) role: ColumnRole,
    pub(super) date: Option<Date>,
    pub(super) title: String,
    column: usize,
    /// Positions among the words of the line.
    pub(super) words: Vec<usize>,
}

impl RowCell {
    pub(super) fn is_same_column(&self, other: &Self) -> bool {
        self.column == other.column
    }
}

/// What a line is within a table.
pub(super) enum TableLine {
    /// The entries of a row, one or several beside each other, each with its cells in the order of their columns.
    NewRow(Vec<Vec<RowCell>>),
    /// The cells that continue the row above.
    Continuation(Vec<RowCell>),
}

/// The table that is open while lines are read.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenTable {
    head: Option<TableHead>,
    /// Where the last line of the table ends; none at the top of a page.
    bottom: Option<f32>,
    /// Columns that the last row fills.
    filled: Vec<usize>,
    has_rows: bool,
}

impl OpenTable {
    /// Opens a table if the line is a head. A second line of titles or days is added to the first.
    pub(super) fn open(&mut self, words: &[&Word], section: Section, order: DateOrder) -> bool {
        let bottom = words.iter().map(|word| word.bbox.y1).fold(0.0, f32::max);
        if self.head.is_some() && !self.has_rows && self.add_titles(words, order) {
            self.bottom = Some(bottom);
            return true;
        }
        let Some(head) = TableHead::parse(words, section, order) else { return false };
        *self = Self { head: Some(head), bottom: Some(bottom), filled: Vec::new(), has_rows: false };
        true
    }

    /// Titles or days below the titles of the head: "Result" and "11/04/2024".
    fn add_titles(&mut self, words: &[&Word], order: DateOrder) -> bool {
        let Some(head) = &mut self.head else { return false };
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let mut found: Vec<(usize, ColumnTitle)> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let Some(title) = title_at(&texts[at..], order) else { return false };
            let run = extent(&words[at..at + title.words]);
            let Some(column) =
                head.columns.iter().position(|column| column.x0 <= run.1 && column.x1 >= run.0)
            else {
                return false;
            };
            at += title.words;
            found.push((column, title));
        }
        // Rows of single words such as "Sodium" are no titles.
        if found.is_empty() || found.iter().any(|(_, title)| title.role == ColumnRole::Measurement) {
            return false;
        }
        for (column, title) in found {
            head.columns[column].date = title.date.or(head.columns[column].date);
        }
        true
    }

    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// The top of another page: the distance to the last row says nothing.
    pub(super) fn turn_page(&mut self) {
        self.bottom = None;
    }

    /// The section of the open table's rows, if its head says one.
    pub(super) fn section(&self) -> Option<Section> {
        self.head.as_ref()?.section
    }

    /// Whether the rows are forms of questions with a column for each answer.
    pub(super) fn has_answer_columns(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.has(ColumnRole::Yes) && head.has(ColumnRole::No))
    }

    /// The line as a row of the open table. None closes the table.
    pub(super) fn read(&mut self, words: &[&Word]) -> Option<TableLine> {
        let head = self.head.as_ref()?;
        let (top, bottom) = (
            words.iter().map(|word| word.bbox.y0).fold(f32::MAX, f32::min),
            words.iter().map(|word| word.bbox.y1).fold(0.0, f32::max),
        );
        let height = text_height(words);
        let gap = self.bottom.map(|last| top - last);
        let cells = head
            .bind(words, height)
            .filter(|_| gap.is_none_or(|gap| gap <= height * MAX_ROW_GAP_RATIO && gap > -height * 2.0))
            .filter(|cells| !self.has_answer_columns() || may_be_answered(cells, words));
        let Some(cells) = cells else {
            self.close();
            return None;
        };
        let continues = self.has_rows
            && gap.is_some_and(|gap| gap <= height * MAX_LINE_GAP_RATIO)
            && cells
                .iter()
                .all(|cell| cell.column % head.entry_width > 0 && self.filled.contains(&cell.column))
            && cells.len() < self.filled.len();
        self.bottom = Some(bottom);
        if continues {
            return Some(TableLine::Continuation(cells));
        }
        self.has_rows = true;
        self.filled = cells.iter().map(|cell| cell.column).collect();
        Some(TableLine::NewRow(head.entries(cells)))
    }
}

/// Whether the cells may be a row of a form with columns for the answers: the marks stand in these columns and nowhere else.
fn may_be_answered(cells: &[RowCell], words: &[&Word]) -> bool {
    let begins_with_mark =
        |cell: &RowCell| cell.words.first().is_some_and(|&first| is_mark(&words[first].text));
    cells.iter().all(|cell| match cell.role {
        ColumnRole::Yes | ColumnRole::No => begins_with_mark(cell),
        role => !role.is_name() || !begins_with_mark(cell),
    })
}

impl TableHead {
    /// The head that a line is: at least a name and something about it, all of it titles.
    fn parse(words: &[&Word], section: Section, order: DateOrder) -> Option<Self> {
        // "Name: Jane Doe" is a label with its value.
        if words.iter().any(|word| word.text.ends_with(':')) {
            return None;
        }
        let height = text_height(words);
        let mut columns: Vec<Column> = Vec::new();
        let runs = runs(words, height * MIN_TITLE_GAP_RATIO);
        for run in &runs {
            let texts: Vec<&str> = words[run.clone()].iter().map(|word| word.text.as_str()).collect();
            if texts.len() > 6 {
                return None;
            }
            let mut at = 0;
            while at < texts.len() {
                let found = title_at(&texts[at..], order);
                let length = found.as_ref().map_or(texts.len() - at, |title| title.words);
                let (x0, x1) = extent(&words[run.start + at..run.start + at + length]);
                let (role, date) = found.map_or((ColumnRole::Other, None), |title| (title.role, title.date));
                columns.push(Column { role, date, title: texts[at..at + length].join(" "), x0, x1 });
                at += length;
            }
        }
        let count = |is: fn(ColumnRole) -> bool| columns.iter().filter(|column| is(column.role)).count();
        let known = count(|role| role != ColumnRole::Other);
        let measurements = count(|role| role == ColumnRole::Measurement);
        let named = count(ColumnRole::is_name);
        let about = known - named - measurements;
        let has_digits = columns.iter().any(|column| {
            column.role == ColumnRole::Other && column.title.chars().any(|c| c.is_ascii_digit())
        });
        let is_spread = runs.len() * 2 > columns.len() || columns.len() >= 4;
        // "Sodium 139" has a title and no other; a sheet of measurements has a day or time for each row.
        let is_sheet = measurements >= 2
            && measurements + count(|role| role == ColumnRole::Date) + count(|role| role == ColumnRole::Item)
                >= columns.len() - 1
            && count(|role| role == ColumnRole::Date) == 1;
        let is_list = named >= 1 && about >= 1 && measurements == 0;
        let is_unnamed = named == 0
            && measurements == 0
            && count(|role| matches!(role, ColumnRole::Result | ColumnRole::PreviousResult)) >= 1
            && count(|role| matches!(role, ColumnRole::Unit | ColumnRole::Range | ColumnRole::Flag)) >= 1;
        let is_head = runs.len() >= 2
            && is_spread
            && !has_digits
            && known * 2 > columns.len()
            && (is_list || is_sheet || is_unnamed);
        if !is_head {
            return None;
        }
        if is_unnamed {
            let title = String::new();
            columns.insert(0, Column { role: ColumnRole::Test, date: None, title, x0: 0.0, x1: 1.0 });
        }
        let roles = columns.iter().map(|column| column.role);
        let by_name = roles.clone().filter(|role| role.is_name()).find_map(ColumnRole::section);
        let own = by_name.or_else(|| roles.clone().find_map(ColumnRole::section));
        // A list of stopped medicines and one of resolved problems have the heads of the others.
        let section = match (own, section) {
            (Some(Section::Medications), Section::DiscontinuedMedications)
            | (Some(Section::Pmh), Section::ResolvedProblems | Section::Assessment)
            | (Some(Section::Labs), Section::Vitals)
            | (Some(Section::Procedures), Section::Psh) => None,
            (own, _) => own,
        };
        let entry_width = entry_width(&columns);
        Some(Self { columns, entry_width, section })
    }

    fn has(&self, role: ColumnRole) -> bool {
        self.columns.iter().any(|column| column.role == role)
    }

    /// The cells of a row by entry.
    fn entries(&self, cells: Vec<RowCell>) -> Vec<Vec<RowCell>> {
        let mut entries: Vec<Vec<RowCell>> = Vec::new();
        for cell in cells {
            let of_entry =
                |known: &RowCell| known.column / self.entry_width == cell.column / self.entry_width;
            match entries.last_mut().filter(|entry| entry.first().is_some_and(of_entry)) {
                Some(entry) => entry.push(cell),
                None => entries.push(vec![cell]),
            }
        }
        entries
    }

    /// The words of a line by column; none if it is not a row.
    fn bind(&self, words: &[&Word], height: f32) -> Option<Vec<RowCell>> {
        let runs = runs(words, height * MIN_CELL_GAP_RATIO);
        let tolerance = height * MAX_OFFSET_RATIO;
        let mut column_of_word = vec![0; words.len()];
        for run in &runs {
            let (x0, x1) = extent(&words[run.clone()]);
            let overlapped: Vec<usize> = (0..self.columns.len())
                .filter(|&at| self.columns[at].x0 < x1 - 0.5 && self.columns[at].x1 > x0 + 0.5)
                .collect();
            if runs.len() == 1 && run.len() >= MIN_PROSE_WORDS && overlapped.len() >= 2 {
                return None;
            }
            let aligned = (0..self.columns.len()).find(|&at| (self.columns[at].x0 - x0).abs() <= tolerance);
            let single = match (overlapped.as_slice(), aligned) {
                ([], aligned) => Some(aligned.unwrap_or_else(|| self.nearest(x0, x1))),
                ([one], None) => Some(*one),
                ([one], Some(aligned)) => Some(aligned.min(*one)),
                (_, _) if run.len() == 1 => Some(aligned.unwrap_or_else(|| self.widest_overlap(x0, x1))),
                (_, _) => None,
            };
            let mut current = single.or(aligned).or_else(|| overlapped.first().copied()).unwrap_or(0);
            for at in run.clone() {
                if single.is_none() {
                    current = self.column_of_word(words[at], current, tolerance);
                }
                column_of_word[at] = current;
            }
        }
        let mut cells: Vec<RowCell> = Vec::new();
        for (at, column) in column_of_word.into_iter().enumerate() {
            match cells.iter_mut().find(|cell| cell.column == column) {
                Some(cell) => cell.words.push(at),
                None => {
                    let Column { role, date, title, .. } = self.columns[column].clone();
                    cells.push(RowCell { role, date, title, column, words: vec![at] });
                }
            }
        }
        cells.sort_by_key(|cell| cell.column);
        Some(cells)
    }

    /// The column of a word within a run that lies under several titles: the next one begins where its title does.
    fn column_of_word(&self, word: &Word, current: usize, tolerance: f32) -> usize {
        (current + 1..self.columns.len())
            .rev()
            .find(|&at| {
                let column = &self.columns[at];
                let overlap = word.bbox.x1.min(column.x1) - word.bbox.x0.max(column.x0);
                (word.bbox.x0 - column.x0).abs() <= tolerance
                    || overlap > (word.bbox.x1 - word.bbox.x0).min(column.x1 - column.x0) * 0.5
            })
            .unwrap_or(current)
    }

    fn nearest(&self, x0: f32, x1: f32) -> usize {
        let distance = |column: &Column| (column.x0 - x1).max(x0 - column.x1);
        (0..self.columns.len())
            .min_by(|&a, &b| distance(&self.columns[a]).total_cmp(&distance(&self.columns[b])))
            .unwrap_or(0)
    }

    fn widest_overlap(&self, x0: f32, x1: f32) -> usize {
        let overlap = |column: &Column| column.x1.min(x1) - column.x0.max(x0);
        (0..self.columns.len())
            .max_by(|&a, &b| overlap(&self.columns[a]).total_cmp(&overlap(&self.columns[b])))
            .unwrap_or(0)
    }
}

/// The number of columns after which the titles of a head begin anew with a name, or that of all columns.
fn entry_width(columns: &[Column]) -> usize {
    let repeats = |width: usize| {
        columns.len().is_multiple_of(width)
            && columns[0].role.is_name()
            && columns.iter().zip(&columns[width..]).all(|(column, next)| {
                column.role == next.role && column.title == next.title && column.date == next.date
            })
    };
    (2..columns.len()).find(|&width| repeats(width)).unwrap_or(columns.len())
}

/// The runs of words without a gap of `min_gap`, as positions.
pub(super) fn runs(words: &[&Word], min_gap: f32) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 1..=words.len() {
        let is_end = words.get(at).is_none_or(|word| word.bbox.x0 - words[at - 1].bbox.x1 > min_gap);
        if is_end {
            runs.push(start..at);
            start = at;
        }
    }
    runs
}

/// The median height of the words.
pub(super) fn text_height(words: &[&Word]) -> f32 {
    let mut heights: Vec<f32> = words.iter().map(|word| word.bbox.y1 - word.bbox.y0).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 2).copied().unwrap_or(1.0).max(1.0)
}

fn extent(words: &[&Word]) -> (f32, f32) {
    (
        words.iter().map(|word| word.bbox.x0).fold(f32::MAX, f32::min),
        words.iter().map(|word| word.bbox.x1).fold(0.0, f32::max),
    )
}

#[cfg(test)]
mod tests;
