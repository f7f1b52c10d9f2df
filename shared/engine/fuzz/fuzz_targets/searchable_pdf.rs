//! Searchable PDFs: whatever the file is, the result opens again with the same number of pages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::{Document, NotWritable, SearchablePdf, SearchablePdfWriter};
use maneiro_engine_fuzz::{MAX_PAGES, abort_on_engine_panics, open};
use maneiro_page::{BBox, Line, Page, TextSource, Word};

fuzz_target!(init: abort_on_engine_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    let Ok(written) = write(&document) else { return };
    let pdf = match written {
        SearchablePdf::IncrementalUpdate(update) => [bytes, &update].concat(),
        SearchablePdf::Whole(pdf) => pdf,
    };
    let reopened = open(&pdf).expect("a searchable PDF opens");
    assert_eq!(reopened.page_count(), document.page_count());
});

fn write(document: &Document) -> Result<SearchablePdf, NotWritable> {
    let bbox = BBox { x0: 10.0, y0: 10.0, x1: 50.0, y1: 20.0 };
    let word = Word { text: "wörd".to_owned(), bbox, confidence: 90 };
    let mut writer = SearchablePdfWriter::new(document)?;
    for number in 1..=document.page_count().min(MAX_PAGES) {
        let lines = vec![Line::body(vec![word.clone(); 3])];
        writer.add(&Page::new(number, 100.0, 100.0, TextSource::Ocr { confidence: 90 }, lines))?;
    }
    writer.finish()
}
