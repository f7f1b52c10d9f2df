//! How much of a page was understood: its lines that gave something, those that are known to carry nothing, and those that
//! were not understood.

use std::sync::LazyLock;

use maneiro_api::analysis::PageUnderstanding;
use maneiro_page::{LineRole, TextSource};
use regex::Regex;

use super::input::{
    page_head::is_page_title,
    sections::{Section, detect_heading},
    segmentation::SegmentedPage,
};

/// A page with fewer words that is not blank has more ink than text.
const MIN_WORDS: usize = 20;

/// Lines that carry nothing about the patient's health: contacts, signatures, salutations, notes of the print.
static BOILERPLATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:(?:electronically\s+)?(?:signed|authenticated|dictated|transcribed|printed|faxed|created)\b|(?:tel|phone|fax|www|https?)\b|page\s+\d|dear\b|sincerely\b|kind\s+regards|thank\s+you\b|cc\s*:|to\s*:|from\s*:|re\s*:|end\s+of\s+(?:report|note)|confidential)|\bno\s+real\s+person\b|^[^.]{0,60},?\s+(?:MD|DO|RN|NP|PA-C|M\.D\.)\W*$").expect("a fixed pattern")
});

/// Counts the lines of a page after the extractors have cited what they found. None for a page that has nothing to
/// understand: blank, a duplicate or unreadable.
pub(super) fn page_understanding(page: &SegmentedPage<'_>) -> Option<PageUnderstanding> {
    let source = &page.source.page;
    match source.text_source {
        TextSource::Blank | TextSource::Duplicate { .. } | TextSource::Unreadable { .. } => return None,
        TextSource::TextLayer | TextSource::Ocr { .. } | TextSource::Mixed { .. } => {}
    }
    let words = source.words().count();
    let mut gave_something = vec![false; words];
    let mut is_in_body = vec![false; words];
    for passage in &page.passages {
        for word in passage.page_words() {
            gave_something[word] |= passage.is_cited();
            is_in_body[word] |= passage.section != Section::PageHeaderFooter;
        }
    }
    let mut understanding = PageUnderstanding {
        document: page.source.document,
        page: source.number,
        lines_with_findings: 0,
        lines_without_content: 0,
        lines_not_understood: Vec::new(),
        has_little_text: words < MIN_WORDS,
    };
    let mut first = 0;
    for (place, line) in (0..).zip(&source.lines) {
        let range = first..first + line.words.len();
        first = range.end;
        let text = line.text();
        if gave_something[range.clone()].contains(&true) {
            understanding.lines_with_findings += 1;
        } else if !is_in_body[range].contains(&true)
            || matches!(line.role, LineRole::Header | LineRole::Footer)
            || has_no_content(&text)
        {
            understanding.lines_without_content += 1;
        } else {
            understanding.lines_not_understood.push(place);
        }
    }
    Some(understanding)
}

/// Whether a line is a heading, a title or boilerplate, or has no word.
fn has_no_content(text: &str) -> bool {
    let has_word =
        text.split_whitespace().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2);
    !has_word
        || is_page_title(text)
        || detect_heading(text).is_some_and(|heading| text[heading.end..].trim().is_empty())
        || BOILERPLATE.is_match(text)
}
