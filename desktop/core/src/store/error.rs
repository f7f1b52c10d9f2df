//! Errors of the local store.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the local store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has another key, or its first page is damaged. SQLCipher does not tell these apart.
    #[error("the local store {} does not open with this key, or is damaged; it was not changed", .path.display())]
    NotOpened { path: PathBuf },
    #[error("the local store is damaged; it was not changed")]
    Damaged,
    /// It has migrations that this version does not know.
    #[error("the local store {} belongs to a newer version of maneiro; use that version", .path.display())]
    NewerVersion { path: PathBuf },
    #[error("the disk is full; finished pages are kept, so free some space and run the command again")]
    DiskFull,
    #[error("the local store's folder cannot be written; see MANEIRO_DATA_DIR")]
    NotWritable,
    /// Another process has locked it for half a minute.
    #[error("the local store is in use by another maneiro process")]
    Busy,
    #[error("MANEIRO_STORE_KEY must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints")]
    InvalidKey,
    /// A programming error.
    #[error("the local store failed to run a statement")]
    Internal(#[source] sqlx::Error),
}

// SQLite's result codes, https://www.sqlite.org/rescode.html
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_READONLY: i32 = 8;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_NOTADB: i32 = 26;
const SQLITE_IOERR_WRITE: i32 = SQLITE_IOERR | (3 << 8);
const SQLITE_IOERR_SHMSIZE: i32 = SQLITE_IOERR | (19 << 8);

impl StoreError {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOpened { .. } => "store_not_opened",
            Self::Damaged => "store_damaged",
            Self::NewerVersion { .. } => "store_newer_version",
            Self::DiskFull => "disk_full",
            Self::NotWritable => "store_not_writable",
            Self::Busy => "store_busy",
            Self::InvalidKey => "invalid_store_key",
            Self::Internal(_) => "store_error",
        }
    }

    /// From an error of the data folder.
    pub(super) fn from_folder(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::NotWritable,
        }
    }

    /// From an error while the store at `path` is opened.
    pub(super) fn from_open(error: sqlx::Error, path: &Path) -> Self {
        let path = path.to_path_buf();
        if let sqlx::Error::Migrate(error) = &error
            && matches!(**error, sqlx::migrate::MigrateError::VersionMissing(_))
        {
            return Self::NewerVersion { path };
        }
        match Self::from(error) {
            Self::Damaged => Self::NotOpened { path },
            other => other,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<i32>().ok());
        let Some(code) = code else { return Self::Internal(error) };
        match (code & 0xff, code) {
            (SQLITE_FULL, _) | (_, SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE) => Self::DiskFull,
            (SQLITE_NOTADB | SQLITE_CORRUPT, _) => Self::Damaged,
            (SQLITE_READONLY | SQLITE_CANTOPEN, _) => Self::NotWritable,
            (SQLITE_BUSY | SQLITE_LOCKED, _) => Self::Busy,
            _ => Self::Internal(error),
        }
    }
}
