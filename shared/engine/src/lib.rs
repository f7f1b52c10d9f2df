//! Reads medical documents: bytes in, pages out. No network, no clock, and no state beyond what the caller holds.
//!
//! Reading has two steps. [Inspection](Reader::inspect) is cheap: it gives a page's size, its words if the text layer is
//! usable, and a fingerprint by which an exact duplicate is known before it costs anything. A page that needs OCR comes
//! back as a [`Scan`], which an [`OcrEngine`] turns into a page.
//!
//! ```no_run
//! use std::collections::HashMap;
//! use maneiro_engine::{Document, Finding, Limits, OcrEngine};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let document = Document::open(std::fs::read("record.pdf")?, None, Limits::default())?;
//! let mut reader = document.reader();
//! let mut ocr_engine = OcrEngine::english()?;
//! let mut pages_by_fingerprint = HashMap::new();
//! for number in 1..=document.page_count() {
//!     let inspection = reader.inspect(number)?;
//!     if let Some(earlier) = pages_by_fingerprint.insert(inspection.fingerprint, number) {
//!         println!("page {number} duplicates page {earlier}");
//!         continue;
//!     }
//!     let page = match inspection.finding {
//!         Finding::Page(page) => page,
//!         Finding::Scan(scan) => ocr_engine.recognise(scan)?,
//!     };
//!     println!("{}", page.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # The pipeline
//!
//! 1. `document` opens the file as a PDF (`pdf`) or as images (`input`).
//! 2. `pdf` records what a page draws, assesses its text layer, and selects the regions that need OCR.
//! 3. `pdf` renders these regions; `input` decodes images.
//! 4. `preprocess` binarizes the image, finds its orientation, deskews it, and removes ruling lines and speckle.
//! 5. `segmentation` finds text lines, decimal points and handwriting.
//! 6. `ocr` recognises line by line with Tesseract, verifies numbers, and recognises uncertain lines again.
//! 7. `layout` merges recognised words with the text layer in reading order and marks hyphens at line ends.
//! 8. `language` detects the language of the page.
//! 9. `layout` finds headers, footers and near-duplicate pages across the pages of a file.
//! 10. `searchable_pdf` writes the recognised words as an invisible text layer.
//!
//! [`Page::text`](maneiro_page::Page::text) is what a page shows. [`Page::search_text`](maneiro_page::Page::search_text)
//! is what to search: words that are hyphenated at a line end are whole, and a match leads to the words and their boxes.
//!
//! [`NearDuplicateDetector`] finds sheets that were scanned more than once, [`HeaderFooterDetector`] page headers and
//! footers, and [`SearchablePdfWriter`] writes a searchable PDF.
//!
//! Coordinates are in points (1/72 inch) from the top left corner of the page as it is shown; pages are counted from 1.
//!
//! # Hostile files
//!
//! [`Limits`] refuses cheaply what can be refused cheaply; a panic in a parser becomes an error. A file may still ask for
//! much time or memory, and Tesseract, a C++ library, may crash on it. A program that reads other people's files does so
//! in a child process with limits of its own. Tesseract is fastest with `OMP_THREAD_LIMIT=1` in the environment of that
//! process.

#![warn(missing_docs)]

mod document;
mod error;
mod geometry;
mod input;
mod inspection;
mod language;
mod layout;
mod limits;
mod ocr;
mod pdf;
mod preprocess;
mod searchable_pdf;
mod segmentation;
mod source;

pub use document::{Document, DrawnPage, Reader};
pub use error::{DocumentError, NotWritable, OcrEngineError, PageError};
pub use inspection::{Finding, PageInspection, Scan};
pub use layout::{headers_footers::HeaderFooterDetector, near_duplicates::NearDuplicateDetector};
pub use limits::Limits;
pub use ocr::OcrEngine;
#[cfg(feature = "fuzzing")]
pub use ocr::fuzz_preprocess;
pub use searchable_pdf::{SearchablePdf, SearchablePdfWriter};
