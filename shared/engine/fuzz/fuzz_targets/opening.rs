//! Any bytes: they open and have pages, or they do not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maneiro_engine_fuzz::{open, watch_panics};

fuzz_target!(init: watch_panics(), |bytes: &[u8]| {
    if let Some(document) = open(bytes) {
        assert!(document.page_count() > 0);
    }
});
