//! The passage that a quote stands in: its sentence or row, the heading above it, and the days that its page gives.

use std::{
    ops::{Range, RangeInclusive},
    sync::LazyLock,
};

use maneiro_page::{BBox, Page};
use regex::Regex;
use time::Date;

use crate::{
    dates::{DateOrder, find_dates},
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
            lines.push(PageLine { text: line.text(), words: first..words.len(), bbox });
        }
        let widest = lines.iter().map(|line| line.bbox.x1).fold(page.width * 0.7, f32::max);
        let head_dates = lines
            .iter()
            .take(MAX_HEAD_LINES)
            .flat_map(|line| {
                find_dates(&line.text, order)
                    .into_iter()
                    .filter(|found| !OTHER_DATE_LABEL.is_match(&line.text[..found.range.start]))
            })
            .map(|found| found.date)
            .collect();
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
            .filter(|line| SIGNED.is_match(&line.text))
            .flat_map(|line| find_dates(&line.text, self.order))
            .map(|found| found.date)
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
        self.words[line.words.clone()].windows(2).any(|pair| {
            let height = (pair[0].bbox.y1 - pair[0].bbox.y0).max(1.0);
            pair[1].bbox.x0 - pair[0].bbox.x1 > height * MIN_CELL_GAP_RATIO
        })
    }

    /// The words of the nearest line above that is a heading.
    fn heading_above(&self, line: usize) -> Vec<String> {
        let own = self.lines[line].text.as_str();
        if let Some((label, _)) =
            own.split_once(':').filter(|(label, _)| label.split_whitespace().count() <= 5)
        {
            let keys = word_keys(label);
            if is_section_label(&keys) {
                return keys;
            }
        }
        self.lines[..line]
            .iter()
            .rev()
            .find_map(|above| {
                let text = above.text.trim();
                let label = text.split(':').next().unwrap_or_default();
                let is_alone = text.ends_with(':') || !text.contains(':') && !text.ends_with(['.', ',', ';']);
                let keys = word_keys(label);
                let is_heading = !keys.is_empty()
                    && keys.len() <= 6
                    && (is_section_label(&keys)
                        || is_alone && label.chars().all(|c| !c.is_lowercase()) && label.chars().count() > 3);
                is_heading.then_some(keys)
            })
            .unwrap_or_default()
    }

    /// The days of the nearest lines above that date results, and of the headings of columns.
    fn panel_dates(&self, line: usize) -> Vec<Date> {
        let mut dates = Vec::new();
        for above in self.lines[..line].iter().rev() {
            let found = find_dates(&above.text, self.order);
            let is_panel = PANEL_LABEL.is_match(&above.text) || found.len() > 1;
            if is_panel {
                dates.extend(
                    found
                        .iter()
                        .filter(|found| !OTHER_DATE_LABEL.is_match(&above.text[..found.range.start]))
                        .map(|found| found.date),
                );
            }
            if !dates.is_empty() {
                break;
            }
        }
        dates
    }

    /// The day of the column that a word of a passage stands in, if a line above has several days.
    pub(super) fn column_date(&self, passage: &QuotedPassage, range: &Range<usize>) -> Option<Date> {
        let (_, at) = passage.words.iter().find(|(word, _)| word.end > range.start)?;
        let word = &self.words[*at];
        let center = |bbox: &BBox| (bbox.x0 + bbox.x1) / 2.0;
        let above = self.lines[..word.line].iter().rev().take(MAX_ROWS).find_map(|line| {
            let mut found = find_dates(&line.text, self.order);
            found.retain(|found| !OTHER_DATE_LABEL.is_match(&line.text[..found.range.start]));
            let is_head = found.len() > 1
                && found.iter().all(|it| !line.text[..it.range.start].trim_end().ends_with(':'));
            is_head.then_some((line, found))
        })?;
        let (line, found) = above;
        // Where each date begins on its line: the words have one space between them.
        let mut start = 0;
        let mut boxes = Vec::new();
        for word in &self.words[line.words.clone()] {
            boxes.push((start..start + word.text.len(), word.bbox));
            start += word.text.len() + 1;
        }
        found
            .iter()
            .filter_map(|date| {
                let (_, bbox) = boxes.iter().find(|(range, _)| range.end > date.range.start)?;
                Some((date.date, (center(bbox) - center(&word.bbox)).abs()))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, distance)| *distance <= MAX_COLUMN_OFFSET_PT)
            .map(|(date, _)| date)
    }
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
