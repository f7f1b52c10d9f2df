//! Bytes in, pages out: PDF, page images, layout and recognition. No network, no clock, no state beyond what the
//! caller holds.
//!
//! Reading has two steps. A [look](Reader::look) is cheap: it tells a page's size, gives the words of a sound text
//! layer, and has a fingerprint by which an exact repeat is known before it costs anything. What is left is a
//! [`Scan`], which a [`Recogniser`] turns into a page.
//!
//! ```no_run
//! use std::collections::HashMap;
//! use maneiro_engine::{Document, Finding, Limits, Recogniser};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let document = Document::open(std::fs::read("record.pdf")?, None, Limits::default())?;
//! let mut reader = document.reader();
//! let mut recogniser = Recogniser::english()?;
//! let mut seen = HashMap::new();
//! for number in 1..=document.page_count() {
//!     let looked = reader.look(number)?;
//!     if let Some(earlier) = seen.insert(looked.fingerprint, number) {
//!         println!("page {number} repeats page {earlier}");
//!         continue;
//!     }
//!     let page = match looked.finding {
//!         Finding::Page(page) => page,
//!         Finding::Scan(scan) => recogniser.recognise(scan)?,
//!     };
//!     println!("{}", page.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Page::text`] is what a page shows; [`Page::search_text`] is what to search, with the words whole that a line's end
//! breaks, and leads from what is found to the words and their boxes.
//!
//! What holds for a file as a whole is told by its pages in turn: [`Repeats`] finds copies of a sheet that were scanned
//! apart, [`RunningLines`] heads and feet. A [`Copier`] makes a searchable copy of what was recognised.
//!
//! All places are in points (1/72 inch) from the top left of the page as it is shown; pages are counted from 1.
//!
//! Files are hostile. What can be refused cheaply is refused by [`Limits`]; a panic in a parser becomes an error. A
//! file may still ask for much time or memory, and the C library behind the recogniser may crash on it, so a program
//! that reads other people's files does this in a child process with limits of its own. Tesseract is fastest with
//! `OMP_THREAD_LIMIT=1` in the environment of that process.

#![warn(missing_docs)]

mod document;
mod error;
mod input;
mod language;
mod layout;
mod ocr;
mod pdf;
mod preprocess;
mod searchable_pdf;
mod segmentation;
mod text;

pub use document::{Document, Finding, Limits, Looked, Reader, Scan};
pub use error::{OpenError, PageError, RecogniserError};
pub use layout::{headers_footers::RunningLines, near_duplicates::Repeats};
pub use ocr::{Moment, Recogniser};
pub use searchable_pdf::{Copier, SearchableCopy, Unaltered};
