//! Inspection: pages have a size, and words lie on their pages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::Finding;
use maneiro_engine_fuzz::{MAX_PAGES, abort_on_engine_panics, open};

fuzz_target!(init: abort_on_engine_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    let mut reader = document.reader();
    for number in 1..=document.page_count().min(MAX_PAGES) {
        let Ok(inspection) = reader.inspect(number) else { continue };
        let (width, height) = (inspection.width, inspection.height);
        assert!(width > 0.0 && height > 0.0, "{width} × {height}");
        let Finding::Page(page) = inspection.finding else { continue };
        for word in page.words() {
            assert!(!word.text.is_empty() && word.confidence <= 100, "{word:?}");
            let bbox = word.bbox;
            assert!(0.0 <= bbox.x0 && bbox.x0 <= bbox.x1 && bbox.x1 <= page.width, "{bbox:?}");
            assert!(0.0 <= bbox.y0 && bbox.y0 <= bbox.y1 && bbox.y1 <= page.height, "{bbox:?}");
        }
    }
});
