//! Searchable copies: whatever the file is, its copy opens again with as many pages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::{BBox, Copier, Document, TextSource, Line, Page, SearchableCopy, Unaltered, Word};
use maneiro_engine_fuzz::{PAGES, open, watch_panics};

fuzz_target!(init: watch_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    let Ok(copy) = document.copier().and_then(|copier| copy(&document, copier)) else { return };
    let copy = match copy {
        SearchableCopy::Update(update) => [bytes, &update].concat(),
        SearchableCopy::Pdf(pdf) => pdf,
    };
    let copy = open(&copy).expect("a copy opens");
    assert_eq!(copy.page_count(), document.page_count());
});

fn copy(document: &Document, mut copier: Copier<'_>) -> Result<SearchableCopy, Unaltered> {
    let bbox = BBox { x0: 10.0, y0: 10.0, x1: 50.0, y1: 20.0 };
    let word = Word { text: "wörd".to_owned(), bbox, confidence: 90 };
    let how = TextSource::Ocr { confidence: 90 };
    for number in 1..=document.page_count().min(PAGES) {
        copier.add(&Page::new(number, 100.0, 100.0, how, vec![Line::body(vec![word.clone(); 3])]))?;
    }
    copier.finish()
}
