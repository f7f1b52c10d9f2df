//! Shared by the fuzz targets. A panic in a parser below the engine is caught by the engine and is not a finding; a panic in
//! the engine's own code is, whether it is caught or not.

use std::{panic, process};

use maneiro_engine::{Document, Limits};

/// The number of pages of a file that are inspected.
pub const MAX_PAGES: u32 = 4;

/// Aborts the process at a panic in the engine's own code, so that the fuzzer records it.
pub fn abort_on_engine_panics() {
    panic::set_hook(Box::new(|info| {
        let is_in_dependency =
            info.location().is_some_and(|location| location.file().contains("/registry/src/"));
        if !is_in_dependency {
            eprintln!("{info}");
            process::abort();
        }
    }));
}

/// Opens the bytes as a document, with limits that keep a run short.
pub fn open(bytes: &[u8]) -> Option<Document> {
    let limits = Limits { max_pixels: 1_000_000, max_pages: 1_000, ..Limits::default() };
    Document::open(bytes.to_vec(), None, limits).ok()
}
