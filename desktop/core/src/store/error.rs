//! What can go wrong with the local store.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the local store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has another key, or its first page is damaged: SQLCipher cannot tell these apart, on purpose.
    #[error("the local store {} does not open with this key, or is damaged; it was left as it is", .path.display())]
    NotOpened {
        /// The store's file.
        path: PathBuf,
    },
    /// Something in it cannot be read back.
    #[error("the local store is damaged; it was left as it is")]
    Damaged,
    /// A newer version of the program made it.
    #[error("the local store {} was made by a newer maneiro; use that one", .path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
    },
    /// No space is left.
    #[error("the disk is full; what was read so far is kept, so make room and run the command again")]
    DiskFull,
    /// The folder or file cannot be written.
    #[error("the local store's folder cannot be written; see MANEIRO_DATA_DIR")]
    NotWritable,
    /// Another process has held it for half a minute.
    #[error("the local store is in use by another maneiro")]
    Busy,
    /// The key that was given is none.
    #[error("MANEIRO_STORE_KEY must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints")]
    BadKey,
    /// A fault of ours.
    #[error("the local store refused a statement")]
    Other(#[source] sqlx::Error),
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
    /// What a program acts on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOpened { .. } => "store_not_opened",
            Self::Damaged => "store_damaged",
            Self::Newer { .. } => "store_newer",
            Self::DiskFull => "disk_full",
            Self::NotWritable => "store_not_writable",
            Self::Busy => "store_busy",
            Self::BadKey => "bad_store_key",
            Self::Other(_) => "store_fault",
        }
    }

    /// What an error of the data folder means.
    pub(super) fn folder(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::NotWritable,
        }
    }

    /// What an error means while the store at `path` is opened.
    pub(super) fn opening(error: sqlx::Error, path: &Path) -> Self {
        let path = path.to_path_buf();
        if let sqlx::Error::Migrate(error) = &error
            && matches!(**error, sqlx::migrate::MigrateError::VersionMissing(_))
        {
            return Self::Newer { path };
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
        let Some(code) = code else { return Self::Other(error) };
        match (code & 0xff, code) {
            (SQLITE_FULL, _) | (_, SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE) => Self::DiskFull,
            (SQLITE_NOTADB | SQLITE_CORRUPT, _) => Self::Damaged,
            (SQLITE_READONLY | SQLITE_CANTOPEN, _) => Self::NotWritable,
            (SQLITE_BUSY | SQLITE_LOCKED, _) => Self::Busy,
            _ => Self::Other(error),
        }
    }
}
