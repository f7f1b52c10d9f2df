//! Pages as far as a look goes: their words stand on them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::Finding;
use maneiro_engine_fuzz::{PAGES, open, watch_panics};

fuzz_target!(init: watch_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    let mut reader = document.reader();
    for number in 1..=document.page_count().min(PAGES) {
        let Ok(looked) = reader.look(number) else { continue };
        assert!(looked.width > 0.0 && looked.height > 0.0, "{} × {}", looked.width, looked.height);
        let Finding::Page(page) = looked.finding else { continue };
        for word in page.words() {
            assert!(!word.text.is_empty() && word.confidence <= 100, "{word:?}");
            let place = word.bbox;
            assert!(0.0 <= place.x0 && place.x0 <= place.x1 && place.x1 <= page.width, "{place:?}");
            assert!(0.0 <= place.y0 && place.y0 <= place.y1 && place.y1 <= page.height, "{place:?}");
        }
    }
});
