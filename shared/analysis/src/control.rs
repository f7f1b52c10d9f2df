//! Watching and cancelling an analysis from another thread.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// How far an analysis has come, and whether it is to stop. Shared with the thread that watches it.
#[derive(Debug, Default)]
pub struct AnalysisControl {
    pages_done: AtomicU32,
    is_cancelled: AtomicBool,
}

/// The analysis was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the analysis was cancelled")]
pub struct Cancelled;

impl AnalysisControl {
    /// The number of analysed pages.
    #[must_use]
    pub fn pages_done(&self) -> u32 {
        self.pages_done.load(Ordering::Relaxed)
    }

    /// Makes the analysis stop within milliseconds. Its next step, or the running one, returns [`Cancelled`].
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn set_pages_done(&self, pages: usize) {
        self.pages_done.store(u32::try_from(pages).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    /// # Errors
    /// [`Cancelled`] once the analysis is to stop.
    pub(crate) fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }
}
