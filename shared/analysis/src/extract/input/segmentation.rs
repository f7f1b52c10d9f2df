//! Pages as passages: sentences and list entries, each with its section, its date and its words on the page, so
//! that whatever is found in one can be quoted word for word.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::Citation;
use maneiro_page::{Hyphen, Line, LineRole, Page, TextSource, Word};
use regex::Regex;
use time::Date;

use crate::extract::{
    input::dates,
    input::sections::{self, Section},
    input::table_rows::{self, Row},
};
use crate::{
    SourcePage,
    lexicon::{self, Key},
    text,
};

/// A sentence or a list entry.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    /// Which of the pages.
    pub(crate) page: usize,
    pub(crate) section: Section,
    /// The day of the encounter that the page is about, if it says.
    pub(crate) date: Option<Date>,
    /// The words with one blank between them; a word broken over two lines is whole.
    pub(crate) text: String,
    /// The folded words of `text`.
    pub(crate) keys: Vec<Key>,
    /// It begins its list entry or paragraph.
    pub(crate) leads: bool,
    /// The entry was set off by a bullet or a number.
    pub(crate) listed: bool,
    /// It was a number.
    pub(crate) numbered: bool,
    spans: Vec<Span>,
}

/// A word of the page in the passage's text.
#[derive(Debug, Clone)]
struct Span {
    range: Range<usize>,
    /// Which of the page's words it is, in reading order.
    place: usize,
}

/// Longest quote of prose, in bytes: what is cited is to be read at a glance.
const LONGEST_QUOTE: usize = 320;

impl Passage {
    /// The run of the page's words that has all those that the range touches: what a cell breaks over two lines has the
    /// cells beside it in between.
    fn quote(&self, words: &[&Word], range: &Range<usize>) -> String {
        let touched = self
            .spans
            .iter()
            .filter(|span| span.range.start < range.end && span.range.end > range.start)
            .map(|span| span.place);
        let (Some(first), Some(last)) = (touched.clone().min(), touched.max()) else { return String::new() };
        let run: Vec<&str> = words[first..=last].iter().map(|word| word.text.as_str()).collect();
        run.join(" ")
    }

    /// Cites the words that the range touches, and the negation before them: without it they would say the
    /// opposite.
    pub(crate) fn cite(&self, pages: &[SourcePage], range: &Range<usize>) -> Citation {
        let source = &pages[self.page];
        let words: Vec<&Word> = source.page.words().collect();
        let mut range = range.clone();
        while let Some(before) = self.spans.iter().rev().find(|span| span.range.end <= range.start) {
            let cut = text::tokenise(&words[before.place].text)
                .last()
                .is_some_and(|token| text::is_negation(&token.key));
            if !cut {
                break;
            }
            range.start = before.range.start;
        }
        Citation {
            document: source.document,
            page: source.page.number,
            quote: self.quote(&words, &range),
            boxes: Vec::new(),
            confidence: None,
        }
    }

    /// Cites the whole passage, or of a long one the words around the range.
    pub(crate) fn cite_around(&self, pages: &[SourcePage], range: &Range<usize>) -> Citation {
        if self.text.len() <= LONGEST_QUOTE {
            return self.cite(pages, &(0..self.text.len()));
        }
        let before = LONGEST_QUOTE / 2;
        self.cite(pages, &(range.start.saturating_sub(before)..range.end + before))
    }

    /// The whole text's range.
    pub(crate) fn all(&self) -> Range<usize> {
        0..self.text.len()
    }
}

/// A word while passages are made.
#[derive(Clone)]
struct Raw {
    text: String,
    /// Which of the page's words it is, in reading order.
    place: usize,
    /// It goes on in the next word, on the next line.
    hyphen: Option<Hyphen>,
}

/// Makes passages of all pages in order. Repeated, blank and unreadable pages give none.
pub(crate) fn passages(pages: &[SourcePage]) -> Vec<Passage> {
    let mut made = Vec::new();
    let mut carried = (Section::Top, None);
    for (at, source) in pages.iter().enumerate() {
        if matches!(
            source.page.text_source,
            TextSource::Blank | TextSource::Duplicate { .. } | TextSource::Unreadable { .. }
        ) {
            continue;
        }
        let continues = at > 0
            && pages[..at]
                .iter()
                .rev()
                .find(|before| !before.page.lines.is_empty())
                .is_some_and(|before| before.document == source.document)
            && !begins_anew(
                &source.page,
                pages[..at].iter().rev().find(|before| !before.page.lines.is_empty()),
            );
        let (mut section, inherited) = if continues { carried } else { (Section::Top, None) };
        let date = page_date(&source.page).or(inherited);
        for block in blocks(&source.page) {
            // The letter or heading before an assessment is what scans lose first; its first number is not.
            let first =
                block.numbered() && block.words[0].text.trim_matches(|c: char| !c.is_ascii_digit()) == "1";
            if section == Section::Exam && first {
                section = Section::Assessment;
            }
            let scope = if block.furniture { Section::Furniture } else { block.section.unwrap_or(section) };
            if let Some(next) = block.section.filter(|_| !block.furniture && !block.only_here) {
                section = next;
            }
            for (leads, words) in sentences(&block.words) {
                made.push(passage(at, scope, date, words, (leads, block.listed, block.numbered())));
            }
        }
        carried = (section, date);
    }
    made
}

fn passage(
    page: usize,
    section: Section,
    date: Option<Date>,
    words: &[Raw],
    (leads, listed, numbered): (bool, bool, bool),
) -> Passage {
    let mut text = String::new();
    let mut spans: Vec<Span> = Vec::new();
    let mut glue = false;
    for (at, raw) in words.iter().enumerate() {
        if at > 0 && !glue {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(&raw.text);
        let broken = raw.hyphen.filter(|_| at + 1 < words.len());
        if let Some(hyphen) = broken {
            hyphen.resolve(&mut text);
        }
        glue = broken.is_some();
        spans.push(Span { range: start..text.len(), place: raw.place });
    }
    let keys = lexicon::keys(&text);
    Passage { page, section, date, text, keys, leads, listed, numbered, spans }
}

/// Lines that belong together: a paragraph, a list entry, a table row, a heading with what follows it.
struct Block {
    section: Option<Section>,
    /// The heading is for this block alone, as in a list of labelled lines.
    only_here: bool,
    furniture: bool,
    listed: bool,
    words: Vec<Raw>,
}

impl Block {
    fn numbered(&self) -> bool {
        self.listed && self.words.first().is_some_and(|word| word.text.contains(|c: char| c.is_ascii_digit()))
    }
}

static BULLET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-–—•·*▪●○◦►➢>+~]+|#?\(?\d{1,2}[.)]|#\d{1,2}[:.]?|\(?[a-z][.)])$")
        .expect("a fixed pattern")
});

fn blocks(page: &Page) -> Vec<Block> {
    let margin = page
        .lines
        .iter()
        .filter_map(|line| line.words.last())
        .map(|word| word.bbox.x1)
        .fold(page.width * 0.8, f32::max);
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let mut row: Option<Row> = None;
    let mut place = 0;
    for (at, line) in page.lines.iter().enumerate() {
        if line.words.is_empty() {
            continue;
        }
        let words = raw(line, place);
        place += words.len();
        let text = line.text();
        let running = is_furniture(line, &text) || (at < DEMOGRAPHIC_LINES && DEMOGRAPHIC.is_match(&text));
        let heading = if running { None } else { sections::heading(&text) };
        let listed = line.words.len() > 1 && BULLET.is_match(&line.words[0].text)
            || line.words[0].text.len() > 1 && line.words[0].text.starts_with(['•', '▪', '●']);
        let plain = heading.is_none() && !listed && !running;
        let cell = row.as_mut().filter(|_| plain).and_then(|row| row.take(line, margin));
        if let (Some(block), Some(cell)) = (blocks.last_mut(), cell) {
            block.words.splice(cell..cell, words);
            continue;
        }
        row = Row::of(line);
        let table = row.is_some();
        let goes_on = open && plain && !table;
        if let Some(block) = blocks.last_mut().filter(|_| goes_on) {
            block.words.extend(words);
            open = wraps(page, at, margin);
            continue;
        }
        let (section, words) = match heading {
            // "RESULTS OF 01/14/2025" says when, so its words are kept.
            Some(heading) if dates::first(&text[..heading.rest]).is_some() => (Some(heading.section), words),
            Some(heading) => {
                row = None;
                (Some(heading.section), after(words, &text, heading.rest))
            }
            None => (None, words),
        };
        open = wraps(page, at, margin) && !table && !running && !words.is_empty();
        blocks.push(Block { section, only_here: listed, furniture: running, listed, words });
    }
    blocks
}

/// Whether the line goes on in the next: its first word would not have fitted, or it is plainly the middle of a
/// sentence.
fn wraps(page: &Page, at: usize, margin: f32) -> bool {
    let (Some(line), Some(next)) = (page.lines.get(at), page.lines.get(at + 1)) else { return false };
    let (Some(last), Some(first), Some(begin)) = (line.words.last(), next.words.first(), line.words.first())
    else {
        return false;
    };
    let height =
        line.words.iter().chain(&next.words).map(|word| word.bbox.y1 - word.bbox.y0).fold(1.0, f32::max);
    // A blank line or another column between the two.
    // Measured where lines begin: on a tilted page the next one begins far below or above the end of this one.
    if first.bbox.y0 - begin.bbox.y1 > height * table_rows::LINE_GAP
        || first.bbox.x0 > begin.bbox.x0 + page.width * 0.3
    {
        return false;
    }
    let full = last.bbox.x1 + height * 0.4 + (first.bbox.x1 - first.bbox.x0) > margin;
    let ended = last.text.ends_with(['.', ';', ':', '!', '?']);
    let lower = first.text.starts_with(char::is_lowercase);
    let dangling = last.text.ends_with([',', '-', '/', '('])
        || matches!(
            last.text.to_lowercase().as_str(),
            "and" | "or" | "of" | "the" | "with" | "for" | "to" | "on" | "in" | "by"
        );
    full || (lower && !ended) || dangling
}

fn raw(line: &Line, first: usize) -> Vec<Raw> {
    let mut words: Vec<Raw> = (first..)
        .zip(&line.words)
        .map(|(place, word)| Raw { text: word.text.clone(), place, hyphen: None })
        .collect();
    if let Some(last) = words.last_mut() {
        last.hyphen = line.hyphen;
    }
    words
}

/// The words that stand after the heading's last byte; the heading itself says nothing to quote.
fn after(words: Vec<Raw>, text: &str, rest: usize) -> Vec<Raw> {
    let mut at = 0;
    words
        .into_iter()
        .filter(|word| {
            let end = at + word.text.len();
            at = end + 1;
            end > rest && !text[rest.min(text.len())..].trim().is_empty()
        })
        .collect()
}

/// Shortened words that end with a full stop and no sentence.
const ABBREVIATIONS: [&str; 34] = [
    "dr.", "mr.", "mrs.", "ms.", "vs.", "e.g.", "i.e.", "approx.", "no.", "st.", "p.o.", "b.i.d.", "t.i.d.",
    "q.d.", "q.i.d.", "q.h.s.", "p.r.n.", "i.v.", "i.m.", "pt.", "hx.", "dx.", "rx.", "tab.", "tabs.",
    "cap.", "caps.", "jan.", "feb.", "mar.", "aug.", "sept.", "oct.", "fig.",
];

/// Cuts the words of a block into sentences; says which begins the block.
fn sentences(words: &[Raw]) -> Vec<(bool, &[Raw])> {
    let words = match words.first() {
        Some(first) if BULLET.is_match(&first.text) => &words[1..],
        _ => words,
    };
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..words.len() {
        let word = &words[at].text;
        let bare = word.trim_end_matches(['"', '\'', ')', ']', '”', '’', '*']);
        let stops = bare.ends_with(['.', '?', '!'])
            && bare.chars().any(char::is_alphanumeric)
            && !row_of_result(bare, words.get(at + 1))
            && !ABBREVIATIONS.contains(&bare.to_lowercase().as_str())
            && !(bare.len() == 2 && bare.starts_with(char::is_uppercase));
        let next_begins = words.get(at + 1).is_none_or(|next| {
            next.text.starts_with(|c: char| {
                c.is_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '•' | '"' | '“' | '(' | '*')
            })
        });
        // A list that ran into one paragraph: "1. … 2. …", "- … - …".
        let item = at > start
            && words.get(at + 1).is_some()
            && words.get(at + 1).is_some_and(|next| {
                BULLET.is_match(&next.text) && next.text.ends_with(['.', ')']) && next.text.len() <= 4
            })
            && bare.ends_with(['.', ';', ')']);
        if (stops && next_begins) || item {
            found.push((start == 0, &words[start..=at]));
            start = at + 1;
        }
    }
    if start < words.len() {
        found.push((start == 0, &words[start..]));
    }
    found
}

/// "Sodium. 139": the full stop is a speck beside the name of a test.
fn row_of_result(name: &str, next: Option<&Raw>) -> bool {
    next.is_some_and(|next| next.text.starts_with(|c: char| c.is_ascii_digit()))
        && lexicon::LABS.exact(name.trim_end_matches('.')).is_some()
}

fn masked(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c.is_ascii_digit() { '#' } else { c.to_ascii_lowercase() })
        .collect()
}

/// Whether a line is about the file and not about the patient: a running head or foot, or the page's number. The
/// heading of a section that goes on from page to page is about what stands below it.
fn is_furniture(line: &Line, text: &str) -> bool {
    static PAGE_OF: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:page|pg\.?|p\.)?\s*\d{1,4}\s*(?:of|/)\s*\d{1,4}$|^page\s*\d{1,4}$")
            .expect("a fixed pattern")
    });
    matches!(line.role, LineRole::Header | LineRole::Footer)
        && sections::heading(text).is_none_or(|h| h.section == Section::Other)
        || PAGE_OF.is_match(text.trim())
}

/// Lines at the head of a page that may tell who the patient is and not what the page says.
const DEMOGRAPHIC_LINES: usize = 10;

static DEMOGRAPHIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:patient(?:\s+name)?|name|date\s+of\s+birth|d\.?o\.?b\.?|mrn|medical\s+record\s+(?:number|no)|sex|gender|age|seen\s+by|attending|primary\s+care|provider|referred\s+by|requested\s+by|ordered\s+by|referring\s+physician|author|account)\s*[:#]").expect("a fixed pattern")
});

static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:note|report|consult\w*|visit|summary|letter|discharge|history\s+and\s+physical|h&p|results?|list|record|form|evaluation|referral|admission|prescription|instructions|fax|radiology|laboratory|sheet|x-ray|mri|ct|ultrasound|plan)\b")
        .expect("a fixed pattern")
});

/// Whether a line at the head of a page names what the page is.
pub(crate) fn is_page_title(text: &str) -> bool {
    let words = text.split_whitespace().count();
    TITLE.is_match(text)
        && words <= 12
        && (!text.ends_with('.') || words <= 4)
        && !text.contains(": ")
        && sections::heading(text).is_none_or(|heading| heading.section == Section::Other)
}

/// Lines at the head of a page among which a title stands.
pub(crate) const TITLE_LINES: usize = 4;

/// Whether a page begins a document of its own: it is a letter, the page before it was signed at its foot, or a
/// title stands at its head that the page before it has not.
fn begins_anew(page: &Page, before: Option<&SourcePage>) -> bool {
    let letter = page
        .lines
        .iter()
        .take(16)
        .any(|line| line.text().trim_start_matches(|c: char| !c.is_alphabetic()).starts_with("Dear "));
    let ended = before.is_some_and(|before| {
        let lines = &before.page.lines;
        lines[lines.len().saturating_sub(3)..].iter().any(|line| SIGNED.is_match(&line.text()))
    });
    if letter || ended {
        return true;
    }
    let head = |page: &Page| -> Vec<String> { page.lines.iter().map(Line::text).take(TITLE_LINES).collect() };
    let known: Vec<String> = before.map(|before| head(&before.page)).unwrap_or_default();
    let known: Vec<String> = known.iter().map(|line| masked(line)).collect();
    head(page).iter().filter(|text| !known.contains(&masked(text))).any(|text| {
        let heads_section = sections::heading(text).is_some_and(|heading| heading.section != Section::Other);
        is_page_title(text) || (sections::is_title(text) && !heads_section)
    })
}

static SIGNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:signed|dictated|authenticated)\b").expect("a fixed pattern"));

static VISIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:date of (?:visit|service|exam(?:ination)?|procedure|admission|study|report|consult\w*|surgery|operation)|(?:visit|encounter|service|exam|study|procedure|consult|report|collection|discharge|admission|operation) date|date/time|date of discharge|discharged|dos|collected(?: on)?|seen on|date (?:collected|performed|of collection)|dictated|date)\s*[:;-]?\s*$").expect("a fixed pattern")
});
static NOT_VISIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:dob|d\.o\.b|birth|born|print(?:ed)?|fax(?:ed)?|scanned|received|expires?|released?|since|diagnosed|signed|revised)\b[^,;|]{0,24}$").expect("a fixed pattern")
});

/// Lines at the head of a page that may tell its date.
const HEAD_LINES: usize = 12;

/// The day that a page is about: a labelled date at its head, else the first that is no birth or print date.
fn page_date(page: &Page) -> Option<Date> {
    let mut plain = None;
    for (at, line) in page.lines.iter().take(HEAD_LINES).enumerate() {
        let text = line.text();
        for found in dates::find(&text) {
            let before = &text[..found.range.start];
            if NOT_VISIT.is_match(before) {
                continue;
            }
            if VISIT.is_match(before) {
                return Some(found.date);
            }
            if at < 6 {
                plain = plain.or(Some(found.date));
            }
        }
    }
    // A head that could not be read leaves the day of the signature.
    plain.or_else(|| {
        page.lines
            .iter()
            .map(Line::text)
            .filter(|text| SIGNED.is_match(text))
            .find_map(|text| dates::first(&text))
    })
}
