//! How far the reading of a file is.

use crate::store::FileId;

/// Page counts while a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// The file in the store.
    pub file: FileId,
    /// Finished pages, including those of earlier runs.
    pub pages_done: u32,
    /// Pages that earlier runs finished.
    pub pages_before: u32,
    /// Requested pages.
    pub pages_total: u32,
}
