//! Pages that must be recognised, through all that happens to their pictures before Tesseract is called.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::Finding;
use maneiro_engine_fuzz::{PAGES, open, watch_panics};

fuzz_target!(init: watch_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    for number in 1..=document.page_count().min(PAGES) {
        if let Ok(looked) = document.look(number)
            && let Finding::Scan(scan) = looked.finding
        {
            // The errors of files are answers, too.
            let _ = scan.rehearse();
        }
    }
});
