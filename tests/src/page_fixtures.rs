//! Pages of plain sentences, and the documents that they belong to.

use maneiro_api::record::AddDocument;
use maneiro_page::{BBox, Line, Page, TextSource, Word};
use sha2::{Digest as _, Sha256};

/// A page with a text layer: one line for each line of `text`, words in a monospaced grid.
#[must_use]
pub fn text_page(number: u32, text: &str) -> Page {
    let lines = (0_u8..).zip(text.lines()).map(|(row, line)| {
        let top = 72.0 + 14.0 * f32::from(row);
        let words = (0_u8..).zip(line.split_whitespace()).map(|(column, word)| {
            let left = 72.0 + 60.0 * f32::from(column);
            let bbox = BBox { x0: left, y0: top, x1: left + 50.0, y1: top + 12.0 };
            Word { text: word.to_owned(), bbox, confidence: 100 }
        });
        Line::body(words.collect())
    });
    Page::new(number, 612.0, 792.0, TextSource::TextLayer, lines.collect())
}

/// The request that adds a document of this content.
#[must_use]
pub(crate) fn add_document_request(content: &[u8], pages: u32) -> AddDocument {
    AddDocument {
        name: "record.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        sha256: hex::encode(Sha256::digest(content)),
        bytes: content.len().max(1) as u64,
        pages,
    }
}
