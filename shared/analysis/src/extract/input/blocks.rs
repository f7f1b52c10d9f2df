//! The lines of a page that belong together: paragraphs, list entries, rows of tables, headings with the text after them.

use maneiro_page::Page;

use super::{
    lines::{LogicalLine, logical_lines},
    list_markers::list_marker,
    page_head::{MAX_TITLE_LINES, is_demographic, is_header_or_footer, is_page_title},
    passage::{ListMarker, PageWord},
    sections::{Section, detect_heading},
    table_rows::{self, TableRow},
    tables::{ColumnRole, OpenTable, RowCell, TableLine},
};
use crate::{
    dates::{DateOrder, find_date_ranges},
    lexicon::{DRUGS, LABS, PROBLEMS, TermList, word_tokens},
};

/// Lines that belong together.
pub(super) struct PassageBlock {
    /// The section of its heading.
    pub(super) section: Option<Section>,
    /// The section of this block alone, as the head of its table says.
    pub(super) row_section: Option<Section>,
    pub(super) is_header_or_footer: bool,
    /// Whether it is a heading, a title or the head of a table, which states nothing.
    pub(super) is_head: bool,
    pub(super) is_table_head: bool,
    pub(super) list_marker: Option<ListMarker>,
    pub(super) words: Vec<PageWord>,
    /// The cells of a row, with positions among `words`.
    pub(super) cells: Vec<BlockCell>,
    /// Whether it is a row of a form that has columns for the answers.
    pub(super) needs_answer: bool,
    /// Whether the next block is a list entry.
    pub(super) precedes_list: bool,
    /// Position of its first line on the page.
    pub(super) line: usize,
}

/// A cell of a row.
#[derive(Debug, Clone)]
pub(super) struct BlockCell {
    pub(super) cell: RowCell,
    /// The number of the row's words up to its end.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl PassageBlock {
    fn new(words: Vec<PageWord>, line: usize, is_header_or_footer: bool) -> Self {
        Self {
            section: None,
            row_section: None,
            is_header_or_footer,
            is_head: false,
            is_table_head: false,
            list_marker: None,
            words,
            cells: Vec::new(),
            needs_answer: false,
            precedes_list: false,
            line,
        }
    }

    /// The words, joined by single spaces.
    pub(super) fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    pub(super) fn is_first_of_numbered_list(&self) -> bool {
        self.list_marker == Some(ListMarker::Number)
            && self
                .words
                .first()
                .is_some_and(|word| word.text.trim_matches(|c: char| !c.is_ascii_digit()) == "1")
    }
}

/// Joins the lines of a page into blocks. `section` is the section at its top, `table` the one that is open there.
pub(super) fn blocks(
    page: &Page,
    mut section: Section,
    table: &mut OpenTable,
    order: DateOrder,
) -> Vec<PassageBlock> {
    table.turn_page();
    let lines = logical_lines(page);
    let mut blocks: Vec<PassageBlock> = Vec::new();
    let mut is_open = false;
    let mut row: Option<TableRow> = None;
    for (at, line) in lines.iter().enumerate() {
        let text = line.text();
        let is_header_or_footer = is_header_or_footer(line.role, &text) || is_demographic(line.number, &text);
        let mut block = PassageBlock::new(page_words(line), line.number, is_header_or_footer);
        if is_header_or_footer {
            is_open = false;
            row = None;
            blocks.push(block);
            continue;
        }
        if table.open(&line.words, section, order) {
            (is_open, row, block.is_head, block.is_table_head) = (false, None, true, true);
            blocks.push(block);
            continue;
        }
        let heading = detect_heading(&text);
        let marker = list_marker(&line.words);
        if let Some(heading) = heading.filter(|_| marker.is_none()) {
            let is_within_table =
                table.section() == Some(heading.section) && text[heading.end..].trim().is_empty();
            if !is_within_table {
                table.close();
            }
        } else if let Some(read) = table.read(&line.words) {
            is_open = false;
            row = None;
            let entries = match read {
                TableLine::Continuation(cells)
                    if blocks.last().is_some_and(|last| !last.cells.is_empty()) =>
                {
                    continue_row(&mut blocks, cells, &block.words);
                    continue;
                }
                TableLine::Continuation(cells) => vec![cells],
                TableLine::NewRow(entries) => entries,
            };
            blocks.extend(entries.into_iter().map(|cells| row_block(&block, cells, table)));
            continue;
        }
        let is_plain = heading.is_none() && marker.is_none();
        let continued = row
            .as_mut()
            .filter(|_| is_plain)
            .and_then(|row| row.append_continuation(&line.words, line.right_margin));
        if let (Some(last), Some(position)) = (blocks.last_mut(), continued) {
            last.words.splice(position..position, block.words);
            continue;
        }
        row = TableRow::from_words(&line.words);
        let is_table = row.is_some();
        let continues_block = is_open && is_plain && !is_table && !begins_item(&text, section);
        if let Some(last) = blocks.last_mut().filter(|_| continues_block) {
            last.words.append(&mut block.words);
            is_open = is_wrapped(page.width, line, lines.get(at + 1));
            continue;
        }
        if let (Some(marker), Some(last)) = (&marker, blocks.last_mut()) {
            last.precedes_list = true;
            block.list_marker = Some(marker.kind);
        } else if let Some(marker) = &marker {
            block.list_marker = Some(marker.kind);
        }
        if let Some(rest) = marker.and_then(|marker| marker.rest) {
            block.words[0].text = rest;
        }
        match heading {
            // A heading with a date, such as "RESULTS OF 01/14/2025", stays part of the text.
            Some(heading) if find_date_ranges(&text[..heading.end]).next().is_some() => {
                block.section = Some(heading.section);
                block.is_head = text[heading.end..].trim().is_empty();
            }
            Some(heading) => {
                row = None;
                block.section = Some(heading.section);
                block.is_head = text[heading.end..].trim().is_empty();
                block.words = words_after(block.words, &text, heading.end);
            }
            None => {
                block.is_head = line.number < MAX_TITLE_LINES
                    && section == Section::Preamble
                    && is_page_title(&text)
                    && marker_free_words(&text) <= 8;
            }
        }
        if block.list_marker.is_none() {
            section = block.section.unwrap_or(section);
        }
        is_open = is_wrapped(page.width, line, lines.get(at + 1)) && !is_table && !block.words.is_empty();
        blocks.push(block);
    }
    blocks
}

fn marker_free_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count()
}

/// Whether a line of a list without markers begins an entry: with the name of what the section lists.
fn begins_item(text: &str, section: Section) -> bool {
    let terms: &TermList = match section {
        Section::Medications | Section::DiscontinuedMedications => &DRUGS,
        Section::Pmh | Section::ResolvedProblems | Section::Assessment => &PROBLEMS,
        Section::Labs => &LABS,
        _ => return false,
    };
    let head: String = text.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    head.starts_with(char::is_uppercase)
        && terms.find(&head, &word_tokens(&head)).first().is_some_and(|term| term.range.start == 0)
}

/// An entry of a row: the words of the line by column.
fn row_block(line: &PassageBlock, cells: Vec<RowCell>, table: &OpenTable) -> PassageBlock {
    let mut row = PassageBlock::new(Vec::new(), line.line, false);
    row.row_section = table.section();
    row.needs_answer = table.has_answer_columns();
    for cell in cells {
        let start = row.words.len();
        row.words.extend(cell.words.iter().map(|&at| line.words[at].clone()));
        row.cells.push(BlockCell { cell, start, end: row.words.len() });
    }
    row
}

/// Adds the words of a continuation to the cells of the row above them.
fn continue_row(blocks: &mut [PassageBlock], cells: Vec<RowCell>, words: &[PageWord]) {
    let line = blocks.last().map(|last| last.line);
    for cell in cells.into_iter().rev() {
        let mut of_row = blocks.iter_mut().rev().take_while(|block| Some(block.line) == line);
        let continued = of_row.find_map(|block| {
            let at = block.cells.iter().position(|known| known.cell.is_same_column(&cell))?;
            Some((block, at))
        });
        let Some((block, at)) = continued else { continue };
        let added: Vec<PageWord> = cell.words.iter().map(|&at| words[at].clone()).collect();
        let (position, count) = (block.cells[at].end, added.len());
        block.words.splice(position..position, added);
        block.cells[at].end += count;
        for later in &mut block.cells[at + 1..] {
            later.start += count;
            later.end += count;
        }
    }
}

/// Whether a line continues on the next: the next line's first word had no room on it, or it ends within a sentence.
fn is_wrapped(page_width: f32, line: &LogicalLine<'_>, next: Option<&LogicalLine<'_>>) -> bool {
    let Some(next) = next else { return false };
    let (Some(last), Some(first), Some(begin)) = (line.words.last(), next.words.first(), line.words.first())
    else {
        return false;
    };
    let height =
        line.words.iter().chain(&next.words).map(|word| word.bbox.y1 - word.bbox.y0).fold(1.0, f32::max);
    // A blank line or another column is between the two. Measured where lines begin: on a skewed page the next line begins
    // far below or above the end of this one.
    if first.bbox.y0 - begin.bbox.y1 > height * table_rows::MAX_LINE_GAP_RATIO
        || first.bbox.x0 > begin.bbox.x0 + page_width * 0.3
    {
        return false;
    }
    let is_full = last.bbox.x1 + height * 0.4 + (first.bbox.x1 - first.bbox.x0) > line.right_margin;
    let ends_sentence = last.text.ends_with(['.', ';', ':', '!', '?']);
    let starts_lowercase = first.text.starts_with(char::is_lowercase);
    let is_dangling = last.text.ends_with([',', '-', '/', '('])
        || matches!(
            last.text.to_lowercase().as_str(),
            "and" | "or" | "of" | "the" | "with" | "for" | "to" | "on" | "in" | "by"
        );
    is_full || (starts_lowercase && !ends_sentence) || is_dangling
}

/// The words of a line.
fn page_words(line: &LogicalLine<'_>) -> Vec<PageWord> {
    let mut words: Vec<PageWord> = line
        .words
        .iter()
        .zip(&line.indices)
        .map(|(word, index)| PageWord { text: word.text.clone(), index: *index, hyphen: None })
        .collect();
    if let Some(last) = words.last_mut() {
        last.hyphen = line.hyphen;
    }
    words
}

/// The words after a heading, which itself is not quoted.
fn words_after(words: Vec<PageWord>, text: &str, heading_end: usize) -> Vec<PageWord> {
    let mut at = 0;
    words
        .into_iter()
        .filter(|word| {
            let end = at + word.text.len();
            at = end + 1;
            end > heading_end && !text[heading_end.min(text.len())..].trim().is_empty()
        })
        .collect()
}

/// The answer that a row of a form gives: a mark in the column of "Yes" or of "No".
pub(super) fn row_answer(block: &PassageBlock) -> Option<bool> {
    let is_marked = |role| {
        block.cells.iter().any(|cell| {
            cell.cell.role == role
                && block.words[cell.start..cell.end].iter().any(|word| super::forms::is_ticked(&word.text))
        })
    };
    match (is_marked(ColumnRole::Yes), is_marked(ColumnRole::No)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}
