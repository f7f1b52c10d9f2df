//! How far the reading of a file is.

/// Page counts while a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// Finished pages, including those of earlier runs.
    pub pages_done: u32,
    /// Pages that earlier runs finished.
    pub pages_before: u32,
    /// Requested pages.
    pub pages_total: u32,
}
