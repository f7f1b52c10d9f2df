//! Pages as passages: lines are joined into paragraphs, list entries and table rows, and these are split into sentences.

use std::sync::LazyLock;

use maneiro_page::{Line, Page, TextSource};
use regex::Regex;
use time::Date;

use super::{
    page_head::{encounter_date, is_demographic, is_header_or_footer, starts_new_document},
    passage::{ListMarker, PageWord, Passage},
    sections::{Section, detect_heading},
    table_rows::{self, TableRow},
};
use crate::{
    SourcePage,
    dates::{DateOrder, find_date_ranges},
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
        let continues_document = before.is_some_and(|before| before.document == source.document)
            && !starts_new_document(&source.page, before);
        let (mut section, inherited_date) =
            if continues_document { self.carried_over } else { (Section::Preamble, None) };
        let date = encounter_date(&source.page, order).or(inherited_date);
        let mut passages = Vec::new();
        for block in blocks(&source.page) {
            // Scans often lose the heading before an assessment, but not its first number.
            if section == Section::PhysicalExam && block.is_first_of_numbered_list() {
                section = Section::Assessment;
            }
            let scope = if block.is_header_or_footer {
                Section::PageHeaderFooter
            } else {
                block.section.unwrap_or(section)
            };
            // The heading of a list entry holds for that entry alone.
            if !block.is_header_or_footer && block.list_marker.is_none() {
                section = block.section.unwrap_or(section);
            }
            for (starts_block, words) in sentences(&block.words) {
                let mut passage =
                    Passage::new(self.page_count, scope, date, words, starts_block, block.list_marker);
                passage.date_order = order;
                passages.push(passage);
            }
        }
        self.carried_over = (section, date);
        passages
    }
}

/// Lines that belong together: a paragraph, a list entry, a table row, or a heading with the text after it.
struct PassageBlock {
    section: Option<Section>,
    is_header_or_footer: bool,
    list_marker: Option<ListMarker>,
    words: Vec<PageWord>,
}

impl PassageBlock {
    fn is_first_of_numbered_list(&self) -> bool {
        self.list_marker == Some(ListMarker::Number)
            && self.words[0].text.trim_matches(|c: char| !c.is_ascii_digit()) == "1"
    }
}

static BULLET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-–—•·*▪●○◦►➢>+~]+|#?\(?\d{1,2}[.)]|#\d{1,2}[:.]?|\(?[a-z][.)])$")
        .expect("a fixed pattern")
});

/// Joins the lines of a page into blocks.
fn blocks(page: &Page) -> Vec<PassageBlock> {
    let right_margin = page
        .lines
        .iter()
        .filter_map(|line| line.words.last())
        .map(|word| word.bbox.x1)
        .fold(page.width * 0.8, f32::max);
    let mut blocks: Vec<PassageBlock> = Vec::new();
    let mut is_open = false;
    let mut row: Option<TableRow> = None;
    let mut word_count = 0;
    for (at, line) in page.lines.iter().enumerate() {
        if line.words.is_empty() {
            continue;
        }
        let words = page_words(line, word_count);
        word_count += words.len();
        let text = line.text();
        let is_header_or_footer = is_header_or_footer(line, &text) || is_demographic(at, &text);
        let heading = if is_header_or_footer { None } else { detect_heading(&text) };
        let is_list_entry = line.words.len() > 1 && BULLET.is_match(&line.words[0].text)
            || line.words[0].text.len() > 1 && line.words[0].text.starts_with(['•', '▪', '●']);
        let is_plain = heading.is_none() && !is_list_entry && !is_header_or_footer;
        let continued =
            row.as_mut().filter(|_| is_plain).and_then(|row| row.append_continuation(line, right_margin));
        if let (Some(block), Some(at)) = (blocks.last_mut(), continued) {
            block.words.splice(at..at, words);
            continue;
        }
        row = TableRow::from_line(line);
        let is_table = row.is_some();
        let continues_block = is_open && is_plain && !is_table;
        if let Some(block) = blocks.last_mut().filter(|_| continues_block) {
            block.words.extend(words);
            is_open = is_wrapped(page, at, right_margin);
            continue;
        }
        let (section, words) = match heading {
            // A heading with a date, such as "RESULTS OF 01/14/2025", stays part of the text.
            Some(heading) if find_date_ranges(&text[..heading.end]).next().is_some() => {
                (Some(heading.section), words)
            }
            Some(heading) => {
                row = None;
                (Some(heading.section), words_after(words, &text, heading.end))
            }
            None => (None, words),
        };
        is_open =
            is_wrapped(page, at, right_margin) && !is_table && !is_header_or_footer && !words.is_empty();
        let list_marker = is_list_entry.then(|| list_marker(&words));
        blocks.push(PassageBlock { section, is_header_or_footer, list_marker, words });
    }
    blocks
}

fn list_marker(words: &[PageWord]) -> ListMarker {
    let is_number = words.first().is_some_and(|word| word.text.contains(|c: char| c.is_ascii_digit()));
    if is_number { ListMarker::Number } else { ListMarker::Bullet }
}

/// Whether the line continues on the next: the next line's first word had no room on it, or it ends within a sentence.
fn is_wrapped(page: &Page, at: usize, right_margin: f32) -> bool {
    let (Some(line), Some(next)) = (page.lines.get(at), page.lines.get(at + 1)) else { return false };
    let (Some(last), Some(first), Some(begin)) = (line.words.last(), next.words.first(), line.words.first())
    else {
        return false;
    };
    let height =
        line.words.iter().chain(&next.words).map(|word| word.bbox.y1 - word.bbox.y0).fold(1.0, f32::max);
    // A blank line or another column is between the two. Measured where lines begin: on a skewed page the next line begins
    // far below or above the end of this one.
    if first.bbox.y0 - begin.bbox.y1 > height * table_rows::MAX_LINE_GAP_RATIO
        || first.bbox.x0 > begin.bbox.x0 + page.width * 0.3
    {
        return false;
    }
    let is_full = last.bbox.x1 + height * 0.4 + (first.bbox.x1 - first.bbox.x0) > right_margin;
    let ends_sentence = last.text.ends_with(['.', ';', ':', '!', '?']);
    let starts_lowercase = first.text.starts_with(char::is_lowercase);
    let is_dangling = last.text.ends_with([',', '-', '/', '('])
        || matches!(
            last.text.to_lowercase().as_str(),
            "and" | "or" | "of" | "the" | "with" | "for" | "to" | "on" | "in" | "by"
        );
    is_full || (starts_lowercase && !ends_sentence) || is_dangling
}

/// The words of a line, the first of which has this position on the page.
fn page_words(line: &Line, first: usize) -> Vec<PageWord> {
    let mut words: Vec<PageWord> = (first..)
        .zip(&line.words)
        .map(|(index, word)| PageWord { text: word.text.clone(), index, hyphen: None })
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

/// Splits the words of a block into sentences, each with whether it begins the block.
fn sentences(words: &[PageWord]) -> Vec<(bool, &[PageWord])> {
    let words = match words.first() {
        Some(first) if BULLET.is_match(&first.text) => &words[1..],
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
                BULLET.is_match(&next.text) && next.text.ends_with(['.', ')']) && next.text.len() <= 4
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
