//! The passage that a quote stands in: its sentence or row, the heading above it, and the days that its page gives.

use std::{
    ops::{Range, RangeInclusive},
    sync::LazyLock,
};

use maneiro_page::{BBox, Page};
use regex::Regex;
use time::Date;

use crate::{
    dates::{DateMatch, DateOrder, find_dates},
    lexicon::{WordToken, word_keys, word_tokens},
};

/// The longest passage on either side of a quote.
const MAX_CONTEXT_WORDS: usize = 60;
/// Lines at the head of a page among which the day of its encounter stands.
const MAX_HEAD_LINES: usize = 14;
/// A line that ends this far to the right, as a share of the widest, is full and goes on in the next.
const MIN_FULL_LINE_RATIO: f32 = 0.82;
/// Distance of two cells of a row, as a share of the height of print.
const MIN_CELL_GAP_RATIO: f32 = 1.5;
/// Rows of a table below the days of its columns.
const MAX_ROWS: usize = 40;
/// Lines of the head of a table.
const MAX_HEAD_ROWS: usize = 3;
/// How far a value may stand from the middle of the day of its column.
const MAX_COLUMN_OFFSET_PT: f32 = 36.0;
/// Distance of two lines of one paragraph, as a share of the height of print.
const MAX_LINE_GAP_RATIO: f32 = 1.4;

/// A page as the check reads it.
pub(super) struct CheckedPage {
    words: Vec<CheckedWord>,
    lines: Vec<PageLine>,
    widest: f32,
    order: DateOrder,
    /// The days that stand at its head and are no birth or print dates.
    pub(super) head_dates: Vec<Date>,
}

struct CheckedWord {
    text: String,
    line: usize,
    bbox: BBox,
    is_hyphenated: bool,
}

struct PageLine {
    text: String,
    words: Range<usize>,
    bbox: BBox,
    dates: Vec<LineDate>,
    /// The folded words of the heading that the line is, or of the section that its own label names.
    heading_keys: Option<Vec<String>>,
    section_label: Option<Vec<String>>,
}

struct LineDate {
    found: DateMatch,
    /// Whether its label says that it is a day of birth, of the print or the like.
    is_other: bool,
}

impl PageLine {
    fn new(text: String, words: Range<usize>, bbox: BBox, order: DateOrder) -> Self {
        let dates = find_dates(&text, order)
            .into_iter()
            .map(|found| LineDate { is_other: OTHER_DATE_LABEL.is_match(&text[..found.range.start]), found })
            .collect();
        let (heading_keys, section_label) = (heading_keys(&text), section_label(&text));
        Self { text, words, bbox, dates, heading_keys, section_label }
    }

    /// The days that may be those of an encounter or a result.
    fn days(&self) -> impl Iterator<Item = Date> {
        self.dates.iter().filter(|date| !date.is_other).map(|date| date.found.date)
    }
}

/// The column that a value stands in.
pub(super) struct ValueColumn {
    pub(super) title: String,
    /// The cell of the value in the text of its passage.
    pub(super) cell: Range<usize>,
}

/// The sentence or row of a quote.
pub(super) struct QuotedPassage {
    pub(super) text: String,
    pub(super) tokens: Vec<WordToken>,
    /// The quote in the text.
    pub(super) quote: Range<usize>,
    /// The folded words of the heading above.
    pub(super) heading_keys: Vec<String>,
    /// The full dates of the text, and where they stand.
    pub(super) dates: Vec<Date>,
    /// Days of the lines above that say when something was collected or reported.
    pub(super) panel_dates: Vec<Date>,
    /// Where each word of the text stands on the page.
    words: Vec<(Range<usize>, usize)>,
}

static OTHER_DATE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:dob|d\.o\.b|birth|born|nacimiento|print(?:ed)?|fax(?:ed)?|scanned|expires?|revised)\b[^,;|0-9]{0,24}$")
        .expect("a fixed pattern")
});
static PANEL_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:collect\w*|drawn|specimen|result\w*|report\w*|date|performed|recorded|labs?|visit|seen|vitals?|fecha)\b")
        .expect("a fixed pattern")
});

impl CheckedPage {
    pub(super) fn new(page: &Page, order: DateOrder) -> Self {
        let mut words = Vec::new();
        let mut lines = Vec::new();
        for line in page.lines.iter().filter(|line| !line.words.is_empty()) {
            let first = words.len();
            let last_word = line.words.len() - 1;
            words.extend(line.words.iter().enumerate().map(|(at, word)| CheckedWord {
                text: word.text.clone(),
                line: lines.len(),
                bbox: word.bbox,
                is_hyphenated: at == last_word && line.hyphen.is_some(),
            }));
            let bbox = line.words.iter().skip(1).fold(line.words[0].bbox, |all, word| all.union(&word.bbox));
            lines.push(PageLine::new(line.text(), first..words.len(), bbox, order));
        }
        let widest = lines.iter().map(|line| line.bbox.x1).fold(page.width * 0.7, f32::max);
        let head_dates = lines.iter().take(MAX_HEAD_LINES).flat_map(PageLine::days).collect();
        Self { words, lines, widest, order, head_dates }
    }

    /// The lines of the page.
    pub(super) fn line_texts(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| line.text.as_str())
    }

    pub(super) fn order(&self) -> DateOrder {
        self.order
    }

    /// The dates on the page that are signed or stated anywhere outside of its head.
    pub(super) fn signed_dates(&self) -> impl Iterator<Item = Date> {
        static SIGNED: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?i)\b(?:signed|dictated|authenticated)\b").expect("a fixed pattern")
        });
        self.lines
            .iter()
            .filter(|line| !line.dates.is_empty() && SIGNED.is_match(&line.text))
            .flat_map(|line| &line.dates)
            .map(|date| date.found.date)
    }

    /// The passage around the words of a quote.
    pub(super) fn passage(&self, quote: &RangeInclusive<usize>) -> QuotedPassage {
        // A percent sign is no token, and belongs to the quote that ends with its number.
        let quote_end = *quote.end() + self.signs_after(*quote.end());
        let (mut first, mut last) = (*quote.start(), quote_end);
        while first > 0 && quote.start() - first < MAX_CONTEXT_WORDS && !self.parts(first - 1) {
            first -= 1;
        }
        while last + 1 < self.words.len() && last - quote_end < MAX_CONTEXT_WORDS && !self.parts(last) {
            last += 1;
        }
        let mut text = String::new();
        let mut words = Vec::new();
        let mut quoted = 0..0;
        for at in first..=last {
            let word = &self.words[at];
            let joins = at > first && self.words[at - 1].is_hyphenated && text.ends_with(['-', '\u{ad}']);
            if joins {
                text.pop();
            } else if at > first {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(&word.text);
            if at == *quote.start() {
                quoted.start = start;
            }
            if at == quote_end {
                quoted.end = text.len();
            }
            words.push((start..text.len(), at));
        }
        let line = self.words[first].line;
        let dates = find_dates(&text, self.order)
            .into_iter()
            .filter(|found| !OTHER_DATE_LABEL.is_match(&text[..found.range.start]))
            .map(|found| found.date)
            .collect();
        QuotedPassage {
            tokens: word_tokens(&text),
            quote: quoted,
            heading_keys: self.heading_above(line),
            dates,
            panel_dates: self.panel_dates(line),
            words,
            text,
        }
    }

    /// The number of words without letters and digits, such as a percent sign, after a word on its line.
    fn signs_after(&self, at: usize) -> usize {
        let line = self.words[at].line;
        let rest = self.words[at + 1..].iter();
        rest.take_while(|word| {
            word.line == line && matches!(word.text.trim_end_matches([',', '.', ';', ')']), "%" | "°")
        })
        .count()
    }

    /// Whether a passage ends between a word and the next.
    fn parts(&self, at: usize) -> bool {
        let (word, next) = (&self.words[at], &self.words[at + 1]);
        let bare = word.text.trim_end_matches(['"', '\'', ')', ']', '”', '’', '*']);
        let ends_sentence = bare.ends_with(['.', '!', '?']) && bare.chars().count() > 2;
        let is_bullet = |text: &str| {
            text.chars().all(|c| !c.is_alphanumeric()) && !matches!(text, "-" | "–" | "/" | "&" | "+" | "=")
        };
        if word.line == next.line {
            let begins = next.text.starts_with(|c: char| c.is_uppercase()) || is_bullet(&next.text);
            return ends_sentence && begins && !is_abbreviation(bare)
                || is_bullet(&word.text) && word.text == "•";
        }
        let (line, below) = (&self.lines[word.line], &self.lines[next.line]);
        if self.has_cells(line) || self.has_cells(below) {
            return true;
        }
        let height = (word.bbox.y1 - word.bbox.y0).max(next.bbox.y1 - next.bbox.y0).max(1.0);
        if next.bbox.y0 - word.bbox.y1 > height * MAX_LINE_GAP_RATIO || next.bbox.y1 < word.bbox.y0 {
            return true;
        }
        let begins_entry = is_bullet(&next.text)
            || matches!(next.text.as_str(), "-" | "–" | "+")
            || is_number_marker(&next.text)
            || has_label(&below.text);
        if begins_entry || bare.ends_with(['.', ';', '!', '?']) && !next.text.starts_with(char::is_lowercase)
        {
            return true;
        }
        let is_dangling = bare.ends_with([',', '-', '/', '('])
            || matches!(bare.to_lowercase().as_str(), "and" | "or" | "of" | "the" | "with" | "for" | "to");
        let is_full = line.bbox.x1 >= self.widest * MIN_FULL_LINE_RATIO;
        let goes_on =
            next.text.starts_with(char::is_lowercase) || word.is_hyphenated || is_dangling || is_full;
        !goes_on
    }

    /// Whether a line is a row of cells.
    fn has_cells(&self, line: &PageLine) -> bool {
        line.words.clone().skip(1).any(|at| self.is_cell_gap(at - 1))
    }

    /// Whether a cell ends between a word and the next on its line.
    fn is_cell_gap(&self, at: usize) -> bool {
        let (word, next) = (&self.words[at].bbox, &self.words[at + 1].bbox);
        next.x0 - word.x1 > (word.y1 - word.y0).max(1.0) * MIN_CELL_GAP_RATIO
    }

    /// The words of the nearest line above that is a heading.
    fn heading_above(&self, line: usize) -> Vec<String> {
        let own = self.lines[line].section_label.as_ref();
        let above = self.lines[..line].iter().rev();
        own.or_else(|| above.filter_map(|above| above.heading_keys.as_ref()).next())
            .cloned()
            .unwrap_or_default()
    }

    /// The days of the nearest line above that dates results, or has the days of columns.
    fn panel_dates(&self, line: usize) -> Vec<Date> {
        let is_panel = |above: &PageLine| {
            !above.dates.is_empty() && (above.dates.len() > 1 || PANEL_LABEL.is_match(&above.text))
        };
        self.lines[..line]
            .iter()
            .rev()
            .filter(|above| is_panel(above))
            .map(|above| above.days().collect::<Vec<_>>())
            .find(|days| !days.is_empty())
            .unwrap_or_default()
    }

    /// The word of the page at a range of a passage.
    fn word_at(&self, passage: &QuotedPassage, range: &Range<usize>) -> Option<usize> {
        passage.words.iter().find(|(word, _)| word.end > range.start).map(|(_, at)| *at)
    }

    /// The day of the column that a word of a passage stands in, if a line above has several days.
    pub(super) fn column_date(&self, passage: &QuotedPassage, range: &Range<usize>) -> Option<Date> {
        let word = &self.words[self.word_at(passage, range)?];
        let center = |bbox: &BBox| (bbox.x0 + bbox.x1) / 2.0;
        let days = |line: &PageLine| line.days().count();
        let is_labelled =
            |line: &PageLine, date: &LineDate| line.text[..date.found.range.start].trim_end().ends_with(':');
        let head = self.lines[..word.line].iter().rev().take(MAX_ROWS).find(|line| {
            days(line) > 1 && line.dates.iter().all(|date| date.is_other || !is_labelled(line, date))
        })?;
        // Where each date begins on its line: the words have one space between them.
        let mut start = 0;
        let mut boxes = Vec::new();
        for word in &self.words[head.words.clone()] {
            boxes.push((start..start + word.text.len(), word.bbox));
            start += word.text.len() + 1;
        }
        head.dates
            .iter()
            .filter(|date| !date.is_other)
            .filter_map(|LineDate { found, .. }| {
                let (_, bbox) = boxes.iter().find(|(range, _)| range.end > found.range.start)?;
                Some((found.date, (center(bbox) - center(&word.bbox)).abs()))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, distance)| *distance <= MAX_COLUMN_OFFSET_PT)
            .map(|(date, _)| date)
    }

    /// The column that a word of a passage stands in: its cell, and what the nearest lines above without numbers, the head of
    /// the table, have over that cell.
    pub(super) fn column(&self, passage: &QuotedPassage, range: &Range<usize>) -> Option<ValueColumn> {
        let at = self.word_at(passage, range)?;
        let line = self.words[at].line;
        let row = self.lines[line].words.clone();
        let joins = |first: usize| !self.is_cell_gap(first);
        let (mut first, mut last) = (at, at);
        while first > row.start && joins(first - 1) {
            first -= 1;
        }
        while last + 1 < row.end && joins(last) {
            last += 1;
        }
        let (x0, x1) = (self.words[first].bbox.x0, self.words[last].bbox.x1);
        let is_value = |word: &CheckedWord| {
            word.text.trim_start_matches(['<', '>', '-', '(']).starts_with(|c: char| c.is_ascii_digit())
        };
        let above: Vec<&PageLine> = self.lines[..line].iter().rev().take(MAX_ROWS).collect();
        let has_values = |line: &&PageLine| self.words[line.words.clone()].iter().any(is_value);
        let rows = above.iter().take_while(|line| has_values(line)).count();
        let mut titles: Vec<&str> = Vec::new();
        let mut below = rows.checked_sub(1).map_or(&self.lines[line], |last| above[last]);
        for head in above[rows..].iter().take(MAX_HEAD_ROWS) {
            let height = (head.bbox.y1 - head.bbox.y0).max(1.0);
            let is_apart = below.bbox.y0 - head.bbox.y1 > height * MAX_LINE_GAP_RATIO;
            if has_values(head) || is_apart && !titles.is_empty() {
                break;
            }
            below = head;
            let words = self.words[head.words.clone()].iter().rev();
            titles.extend(
                words.filter(|word| word.bbox.x0 < x1 && word.bbox.x1 > x0).map(|word| word.text.as_str()),
            );
        }
        titles.reverse();
        let place = |at: usize| passage.words.iter().find(|(_, word)| *word == at).map(|(range, _)| range);
        let start = place(first).map_or(range.start, |first| first.start);
        let end = place(last).map_or(range.end, |last| last.end);
        (!titles.is_empty()).then(|| ValueColumn { title: titles.join(" "), cell: start..end })
    }
}

/// The words of a line that is a heading.
fn heading_keys(line: &str) -> Option<Vec<String>> {
    let text = line.trim();
    let label = text.split(':').next().unwrap_or_default();
    let is_alone = text.ends_with(':') || !text.contains(':') && !text.ends_with(['.', ',', ';']);
    let keys = word_keys(label);
    let is_heading = !keys.is_empty()
        && keys.len() <= 6
        && (is_section_label(&keys)
            || is_alone && label.chars().all(|c| !c.is_lowercase()) && label.chars().count() > 3);
    is_heading.then_some(keys)
}

/// The words of the label of a section at the beginning of a line.
fn section_label(line: &str) -> Option<Vec<String>> {
    let (label, _) = line.split_once(':').filter(|(label, _)| label.split_whitespace().count() <= 5)?;
    let keys = word_keys(label);
    is_section_label(&keys).then_some(keys)
}

fn is_abbreviation(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "dr." | "mr." | "mrs." | "ms." | "vs." | "approx." | "no." | "q.")
}

fn is_number_marker(word: &str) -> bool {
    let digits = word.trim_start_matches(['#', '(']).trim_end_matches(['.', ')', ':']);
    digits.len() <= 2
        && !digits.is_empty()
        && digits.chars().all(|c| c.is_ascii_digit())
        && (word.ends_with(['.', ')', ':']) || word.starts_with('#'))
}

/// Whether a line begins with a label and a colon.
fn has_label(line: &str) -> bool {
    line.split_once(':').is_some_and(|(label, _)| {
        label.split_whitespace().count() <= 4 && label.starts_with(|c: char| c.is_uppercase())
    })
}

/// Whether folded words are the label of a section that decides of whom or of when its lines speak.
fn is_section_label(keys: &[String]) -> bool {
    static LABELS: LazyLock<Vec<String>> = LazyLock::new(|| {
        word_keys(
            "history fhx fh pmh medications meds allergies plan assessment impression exam labs vitals \
             problems problem subjective objective ros results imaging hpi social surgical discontinued resolved past \
             antecedentes familiares alergias diagnóstico plan medicación",
        )
    });
    keys.iter().any(|key| LABELS.contains(key))
}
