//! Pages for tests, set from lines of text as a typewriter would: every character is six points wide, a line
//! twelve points high.

use maneiro_api::DocumentId;
use maneiro_page::{BBox, Line, Page, TextSource, Word};

use crate::SourcePage;

const WIDTH: f32 = 612.0;
const HEIGHT: f32 = 792.0;
const LEFT: f32 = 36.0;
const STEP: f32 = 5.0;
const LEADING: f32 = 12.0;

/// The document that test pages are of.
pub(crate) fn document(number: u128) -> DocumentId {
    DocumentId::from_uuid(uuid::Uuid::from_u128(number))
}

/// A page of document 1; blanks between words are kept as room between them.
pub(crate) fn page(number: u32, text: &str) -> SourcePage {
    let lines = text
        .lines()
        .enumerate()
        .map(|(row, line)| Line::body(words(line, row)))
        .filter(|line| !line.words.is_empty())
        .collect();
    SourcePage { document: document(1), page: Page::new(number, WIDTH, HEIGHT, TextSource::TextLayer, lines) }
}

/// A page without words, for the reason given.
pub(crate) fn empty(number: u32, how: TextSource) -> SourcePage {
    SourcePage { document: document(1), page: Page::new(number, WIDTH, HEIGHT, how, Vec::new()) }
}

fn words(line: &str, row: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut column = 0;
    for piece in line.split(' ') {
        let length = piece.chars().count();
        if length > 0 {
            let x0 = LEFT + STEP * place(column);
            let y0 = LEFT + LEADING * place(row);
            words.push(Word {
                text: piece.to_owned(),
                bbox: BBox { x0, y0, x1: x0 + STEP * place(length), y1: y0 + LEADING * 0.8 },
                confidence: 90,
            });
        }
        column += length + 1;
    }
    words
}

fn place(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}
