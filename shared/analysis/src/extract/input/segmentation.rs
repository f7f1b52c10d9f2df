//! Pages as passages: lines are joined into paragraphs, list entries and table rows, and these are split into sentences.

use maneiro_page::TextSource;
use time::Date;

use super::{
    blocks::{PassageBlock, blocks, row_answer},
    forms::{FormAnswer, answered_parts, opens_question},
    list_markers::is_marker,
    page_head::{
        MAX_TITLE_LINES, encounter_date, has_title, is_encounter_date_line, is_page_title,
        starts_new_document,
    },
    passage::{GridCell, PageWord, Passage},
    sections::{Section, is_all_caps_title},
    tables::OpenTable,
};
use crate::{
    SourcePage,
    dates::{DateOrder, first_date},
    lexicon::{ABBREVIATIONS, LABS},
};

/// What every extractor reads: a page and its passages.
pub(crate) struct SegmentedPage<'a> {
    pub(crate) source: &'a SourcePage,
    pub(crate) passages: Vec<Passage>,
    /// Position of the first passage in the record.
    first_position: usize,
}

impl SegmentedPage<'_> {
    /// The passages, each with its position in the record.
    pub(crate) fn positioned_passages(&self) -> impl Iterator<Item = (usize, &Passage)> {
        (self.first_position..).zip(&self.passages)
    }
}

/// Segments the pages of a record one by one, in order.
#[derive(Default)]
pub(crate) struct Segmenter {
    /// Section and date at the end of the last page with passages.
    carried_over: (Section, Option<Date>),
    /// The table that is open there.
    table: OpenTable,
    /// The last page with lines.
    last: Option<SourcePage>,
    page_count: usize,
    passage_count: usize,
}

impl Segmenter {
    /// Segments the next page. Duplicate, blank and unreadable pages have no passages.
    pub(crate) fn segment<'a>(&mut self, source: &'a SourcePage, order: DateOrder) -> SegmentedPage<'a> {
        let passages = match source.page.text_source {
            TextSource::Blank | TextSource::Duplicate { .. } | TextSource::Unreadable { .. } => Vec::new(),
            TextSource::TextLayer | TextSource::Ocr { .. } | TextSource::Mixed { .. } => {
                self.passages(source, order)
            }
        };
        let first_position = self.passage_count;
        self.page_count += 1;
        self.passage_count += passages.len();
        SegmentedPage { source, passages, first_position }
    }

    /// Keeps a segmented page, which the next one may continue.
    pub(crate) fn keep(&mut self, source: SourcePage) {
        if !source.page.lines.is_empty() {
            self.last = Some(source);
        }
    }

    fn passages(&mut self, source: &SourcePage, order: DateOrder) -> Vec<Passage> {
        let before = self.last.as_ref();
        let own_date = encounter_date(&source.page, order);
        let continues_document = before.is_some_and(|before| before.document == source.document)
            && !starts_new_document(&source.page, before)
            && !(own_date.is_some() && own_date != self.carried_over.1 && has_title(&source.page));
        let (mut section, inherited_date) =
            if continues_document { self.carried_over } else { (Section::Preamble, None) };
        let date = own_date.or(inherited_date);
        if !continues_document {
            self.table.close();
        }
        let mut date = date;
        let mut passages = Vec::new();
        let mut is_asked = false;
        let mut starts_encounter = !continues_document;
        let blocks = blocks(&source.page, section, &mut self.table, order);
        for (at, block) in blocks.iter().enumerate() {
            if let Some(day) = note_date(&blocks[at..], order) {
                (section, date, starts_encounter) = (Section::Preamble, Some(day), true);
            }
            // Scans often lose the heading before an assessment, but not its first number.
            if section == Section::PhysicalExam && block.is_first_of_numbered_list() {
                section = Section::Assessment;
            }
            let scope = if block.is_header_or_footer {
                Section::PageHeaderFooter
            } else {
                block.row_section.or(block.section).unwrap_or(section)
            };
            // The heading of a list entry holds for that entry alone.
            if !block.is_header_or_footer && block.list_marker.is_none() {
                section = block.section.unwrap_or(section);
            }
            let place = PassagePlace { page: self.page_count, section: scope, date, order };
            let first = passages.len();
            is_asked = push_passages(block, place, is_asked, &mut passages);
            if let Some(passage) = passages.get_mut(first).filter(|_| starts_encounter) {
                passage.starts_encounter = true;
                starts_encounter = false;
            }
        }
        self.carried_over = (section, date);
        passages
    }
}

/// Longest title of a note within a page, in words.
const MAX_NOTE_TITLE_WORDS: usize = 10;

/// The day of the note that a block within a page is the title of: a title in capitals with a day in it or right below it.
fn note_date(blocks: &[PassageBlock], order: DateOrder) -> Option<Date> {
    let block = blocks.first()?;
    let text = block.text();
    let is_title = block.line >= MAX_TITLE_LINES
        && !block.is_header_or_footer
        && block.cells.is_empty()
        && block.list_marker.is_none()
        && text.split_whitespace().count() <= MAX_NOTE_TITLE_WORDS
        && is_all_caps_title(&text)
        && is_page_title(&text);
    if !is_title {
        return None;
    }
    let below = blocks.iter().skip(1).take(3).map(PassageBlock::text);
    first_date(&text, order).or_else(|| {
        below.filter(|text| is_encounter_date_line(text)).find_map(|text| first_date(&text, order))
    })
}

/// Where the passages of a block are.
#[derive(Clone, Copy)]
struct PassagePlace {
    page: usize,
    section: Section,
    date: Option<Date>,
    order: DateOrder,
}

impl PassagePlace {
    fn passage(self, words: &[PageWord], starts_block: bool, block: &PassageBlock) -> Passage {
        let mut passage =
            Passage::new(self.page, self.section, self.date, words, starts_block, block.list_marker);
        passage.date_order = self.order;
        passage.is_head = block.is_head;
        passage.is_table_head = block.is_table_head;
        passage.precedes_list = block.precedes_list;
        passage
    }
}

/// Longest item of a list below a question, in words.
const MAX_ITEM_WORDS: usize = 6;

/// Adds the passages of a block: its sentences, its row, or the items of a form. `is_asked` says that a question stands above
/// whose items need a mark. Returns whether it still does below the block.
fn push_passages(
    block: &PassageBlock,
    place: PassagePlace,
    is_asked: bool,
    passages: &mut Vec<Passage>,
) -> bool {
    let words = &block.words[..];
    if words.is_empty() {
        return is_asked && !block.is_head;
    }
    if !block.cells.is_empty() {
        passages.push(row_passage(block, place));
        return false;
    }
    let text = block.text();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    if let Some(parts) = answered_parts(&texts).filter(|_| !block.is_header_or_footer) {
        for part in parts {
            let place = match part.answer {
                Some(FormAnswer::Open) => PassagePlace { section: Section::Unanswered, ..place },
                Some(FormAnswer::Yes | FormAnswer::No) | None => place,
            };
            let mut passage = place.passage(&words[part.words.clone()], part.words.start == 0, block);
            passage.answer = part.answer;
            passages.push(passage);
        }
        return is_asked || opens_question(&text);
    }
    let is_item =
        is_asked && words.len() <= MAX_ITEM_WORDS && block.section.is_none() && !text.ends_with('.');
    let place = if is_item { PassagePlace { section: Section::Unanswered, ..place } } else { place };
    for (starts_block, words) in sentences(words) {
        passages.push(place.passage(words, starts_block, block));
    }
    is_item || opens_question(&text)
}

/// The passage of a table's row, with its cells and the answer that its columns give.
fn row_passage(block: &PassageBlock, place: PassagePlace) -> Passage {
    let answer = row_answer(block).map(|is_yes| if is_yes { FormAnswer::Yes } else { FormAnswer::No });
    let mut passage = place.passage(&block.words, true, block);
    passage.answer = answer.filter(|_| block.needs_answer);
    if block.needs_answer && answer.is_none() {
        passage.section = Section::Unanswered;
    }
    passage.cells = block
        .cells
        .iter()
        .map(|cell| GridCell {
            role: cell.cell.role,
            date: cell.cell.date,
            title: cell.cell.title.clone(),
            range: passage.range_of_words(cell.start..cell.end),
        })
        .collect();
    passage
}

/// Splits the words of a block into sentences, each with whether it begins the block.
fn sentences(words: &[PageWord]) -> Vec<(bool, &[PageWord])> {
    let words = match words.first() {
        Some(first) if words.len() > 1 && is_marker(&first.text) => &words[1..],
        _ => words,
    };
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..words.len() {
        let word = &words[at].text;
        let bare = word.trim_end_matches(['"', '\'', ')', ']', '”', '’', '*']);
        let is_stop = bare.ends_with(['.', '?', '!'])
            && bare.chars().any(char::is_alphanumeric)
            && !is_test_name(bare, words.get(at + 1))
            && !ABBREVIATIONS.contains(&bare.to_lowercase())
            && !(bare.len() == 2 && bare.starts_with(char::is_uppercase));
        let next_starts_sentence = words.get(at + 1).is_none_or(|next| {
            next.text.starts_with(|c: char| {
                c.is_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '•' | '"' | '“' | '(' | '*')
            })
        });
        // A list within one paragraph: "1. … 2. …".
        let ends_item = at > start
            && words.get(at + 1).is_some()
            && words.get(at + 1).is_some_and(|next| {
                is_marker(&next.text) && next.text.ends_with(['.', ')']) && next.text.len() <= 4
            })
            && bare.ends_with(['.', ';', ')']);
        if (is_stop && next_starts_sentence) || ends_item {
            found.push((start == 0, &words[start..=at]));
            start = at + 1;
        }
    }
    if start < words.len() {
        found.push((start == 0, &words[start..]));
    }
    found
}

/// Whether a word before a number is the name of a test, as in "Sodium. 139", where the full stop is noise.
fn is_test_name(name: &str, next: Option<&PageWord>) -> bool {
    next.is_some_and(|next| next.text.starts_with(|c: char| c.is_ascii_digit()))
        && LABS.find_exact(name.trim_end_matches('.')).is_some()
}
