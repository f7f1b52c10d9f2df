//! Scans, through all steps before Tesseract.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::{Finding, fuzz_preprocess};
use maneiro_engine_fuzz::{PAGES, open, watch_panics};

fuzz_target!(init: watch_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    for number in 1..=document.page_count().min(PAGES) {
        if let Ok(looked) = document.look(number)
            && let Finding::Scan(scan) = looked.finding
        {
            // A file may be damaged.
            let _ = fuzz_preprocess(scan);
        }
    }
});
