//! Any bytes either open as a document with pages, or are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine_fuzz::{abort_on_engine_panics, open};

fuzz_target!(init: abort_on_engine_panics(), |bytes: &[u8]| {
    if let Some(document) = open(bytes) {
        assert!(document.page_count() > 0);
    }
});
