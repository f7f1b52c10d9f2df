//! Pages in, statements with citations out: extraction, the language model, and the check of every quote.
//! Knows no database, no window and no clock.

#![warn(missing_docs)]

mod extract;
mod lexicon;
pub mod model;
#[cfg(test)]
mod testing;
mod text;
mod verify;

use std::sync::atomic::{AtomicU32, Ordering};

use maneiro_api::{DocumentId, analysis::DateWindow};
use maneiro_page::Page;

pub use extract::extract;
pub use verify::verify;

/// One page to analyse and the document it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcePage {
    /// The document.
    pub document: DocumentId,
    /// The page as it was read.
    pub page: Page,
}

/// What is asked of an analysis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// What to look at in particular.
    pub focus: Option<String>,
    /// Which days to look at.
    pub window: Option<DateWindow>,
}

/// How many pages were taken into account so far; another task may read it while the analysis runs.
#[derive(Debug, Default)]
pub struct Progress(AtomicU32);

impl Progress {
    /// Pages done.
    #[must_use]
    pub fn pages_done(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts `pages` more as done.
    pub fn add(&self, pages: u32) {
        self.0.fetch_add(pages, Ordering::Relaxed);
    }
}

/// Why the language model gave no findings. Never holds text of the record or of an answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Its server could not be reached or kept failing, after all retries.
    #[error("the language model's server did not answer")]
    Unavailable,
    /// Its server refused the request (an HTTP status in the 4xx range but 429).
    #[error("the language model's server refused the request with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// None of its answers was of the asked form.
    #[error("no answer of the language model could be used")]
    Unusable,
}
