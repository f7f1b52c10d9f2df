//! What an analysis is made from and how far it has come.

use std::sync::atomic::{AtomicU32, Ordering};

use maneiro_api::{DocumentId, analysis::DateWindow};
use maneiro_page::Page;

/// A page to analyse and its document.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcePage {
    /// The document of the page.
    pub document: DocumentId,
    /// The page as it was read.
    pub page: Page,
}

/// What an analysis is limited to or focused on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnalysisRequest {
    /// The subject that comes first in the summary.
    pub focus: Option<String>,
    /// The dates that the findings are limited to.
    pub window: Option<DateWindow>,
}

/// The number of analysed pages, which another task may read while the analysis runs.
#[derive(Debug, Default)]
pub struct AnalysisProgress(AtomicU32);

impl AnalysisProgress {
    /// The number of analysed pages.
    #[must_use]
    pub fn pages_done(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Adds to the number of analysed pages.
    pub fn add_pages_done(&self, pages: u32) {
        self.0.fetch_add(pages, Ordering::Relaxed);
    }
}
