//! What the fuzz targets share. A panic of a parser below the engine is contained by it and is no finding; one of the
//! engine's own is, whether it is contained or not.

use std::{panic, process};

use maneiro_engine::{Document, Limits};

/// How many pages of a file are looked at.
pub const PAGES: u32 = 4;

/// Ends the process at a panic in the engine's own code, so that the fuzzer takes note of it.
pub fn watch_panics() {
    panic::set_hook(Box::new(|info| {
        let is_parser = info.location().is_some_and(|place| place.file().contains("/registry/src/"));
        if !is_parser {
            eprintln!("{info}");
            process::abort();
        }
    }));
}

/// The document in these bytes, with limits that keep a run quick.
pub fn open(bytes: &[u8]) -> Option<Document> {
    let limits = Limits { max_pixels: 1_000_000, max_pages: 1_000, ..Limits::default() };
    Document::open(bytes.to_vec(), None, limits).ok()
}
