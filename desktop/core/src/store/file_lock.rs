//! Locks on files of the data folder. The operating system releases them however the process ends.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
};

use super::{
    database::{Store, open_lock_file},
    error::StoreError,
    pages::FileId,
};

/// Keeps other processes from reading the same file.
#[derive(Debug)]
pub(crate) struct FileLock {
    /// None if the store is in memory.
    held: Option<(PathBuf, File)>,
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Some((path, _lock)) = &self.held {
            // A lock file that stays behind does no harm: it is locked again.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Store {
    /// Locks a file for reading; none if another process has the lock.
    pub(crate) fn try_lock_file(&self, file: FileId) -> Result<Option<FileLock>, StoreError> {
        let Some(folder) = &self.folder else { return Ok(Some(FileLock { held: None })) };
        let path = folder.join(&format!("reading-{file}.lock"));
        let lock = open_lock_file(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(FileLock { held: Some((path, lock)) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::from_folder(&error)),
        }
    }
}
