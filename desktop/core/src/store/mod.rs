//! The local store: the pages that were read on this workstation and what became of them in the cloud, in one SQLite
//! file that SQLCipher encrypts, or in memory. Never unencrypted on the disk, and never recreated over a file that does
//! not open.

mod cloud_records;
mod database;
mod error;
mod file_lock;
mod key;
mod pages;
mod records;
mod reviews;
mod signatures;

pub(crate) use self::{
    cloud_records::{AnalysisRequestDigest, files_digest},
    pages::{FileInfo, KnownFingerprint, PageOutline},
    records::{CloudCopy, FileRow, LocalRecord},
    reviews::{AnalysisRow, ChangeRow, ChangeState, StoredChange},
    signatures::KeptSignature,
};
pub use self::{
    database::Store,
    error::StoreError,
    key::{KeyUnavailable, StoreKey, find_key},
    pages::{FileId, PageCounts},
};

#[cfg(test)]
mod tests;
