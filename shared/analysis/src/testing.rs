//! Pages for tests, typeset from lines of text in a monospaced font: characters are five points wide, lines twelve points
//! high.

use std::sync::Arc;

use maneiro_api::{DocumentId, analysis::Findings};
use maneiro_page::{BBox, Line, Page, TextSource, Word};
use time::macros::date;

use crate::{Analyser, AnalysisControl, AnalysisRequest, SourcePage};

const PAGE_WIDTH_PT: f32 = 612.0;
const PAGE_HEIGHT_PT: f32 = 792.0;
const MARGIN_PT: f32 = 36.0;
const CHAR_WIDTH_PT: f32 = 5.0;
const LINE_HEIGHT_PT: f32 = 12.0;

/// The document of test pages.
pub(crate) fn document(number: u128) -> DocumentId {
    DocumentId::from_uuid(uuid::Uuid::from_u128(number))
}

/// A request without focus and window.
pub(crate) fn request() -> AnalysisRequest {
    AnalysisRequest { focus: None, window: None, today: date!(2025 - 03 - 01) }
}

/// The findings of the built-in analyser.
pub(crate) fn analyse(pages: &[SourcePage], request: AnalysisRequest) -> Findings {
    let control = Arc::new(AnalysisControl::default());
    let mut analyser = Analyser::new(request, Arc::clone(&control));
    pages.iter().for_each(|page| analyser.push(page.clone()).unwrap());
    assert_eq!(control.pages_done() as usize, pages.len());
    analyser.finish().unwrap().findings
}

/// A page of document 1. Several spaces between words become a gap.
pub(crate) fn page(number: u32, text: &str) -> SourcePage {
    let lines = text
        .lines()
        .enumerate()
        .map(|(row, line)| Line::body(words(line, row)))
        .filter(|line| !line.words.is_empty())
        .collect();
    SourcePage {
        document: document(1),
        page: Page::new(number, PAGE_WIDTH_PT, PAGE_HEIGHT_PT, TextSource::TextLayer, lines),
    }
}

/// The findings of a text, its paragraphs set in lines.
pub(crate) fn analyse_text(text: &str) -> Findings {
    const LINE_CHARS: usize = 96;
    let mut lines = String::new();
    for paragraph in text.lines() {
        let mut length = 0;
        for word in paragraph.split(' ') {
            if length > 0 && length + 1 + word.len() > LINE_CHARS {
                lines.push('\n');
                length = 0;
            } else if length > 0 {
                lines.push(' ');
                length += 1;
            }
            lines.push_str(word);
            length += word.len();
        }
        lines.push('\n');
    }
    analyse(&[page(1, &lines)], request())
}

/// A page without words.
pub(crate) fn empty(number: u32, text_source: TextSource) -> SourcePage {
    SourcePage {
        document: document(1),
        page: Page::new(number, PAGE_WIDTH_PT, PAGE_HEIGHT_PT, text_source, Vec::new()),
    }
}

fn words(line: &str, row: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if length > 0 {
            let x0 = MARGIN_PT + CHAR_WIDTH_PT * to_f32(column);
            let y0 = MARGIN_PT + LINE_HEIGHT_PT * to_f32(row);
            words.push(Word {
                text: word.to_owned(),
                bbox: BBox { x0, y0, x1: x0 + CHAR_WIDTH_PT * to_f32(length), y1: y0 + LINE_HEIGHT_PT * 0.8 },
                confidence: 90,
            });
        }
        column += length + 1;
    }
    words
}

fn to_f32(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}
