//! Pages that need OCR, through all image processing before Tesseract is called.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine::{Finding, fuzz_preprocess};
use maneiro_engine_fuzz::{MAX_PAGES, abort_on_engine_panics, open};

fuzz_target!(init: abort_on_engine_panics(), |bytes: &[u8]| {
    let Some(document) = open(bytes) else { return };
    for number in 1..=document.page_count().min(MAX_PAGES) {
        if let Ok(inspection) = document.reader().inspect(number)
            && let Finding::Scan(scan) = inspection.finding
        {
            // An error is a valid result.
            let _ = fuzz_preprocess(scan);
        }
    }
});
