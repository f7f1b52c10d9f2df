//! The local store: what was read on this workstation, in one SQLite file that SQLCipher encrypts, or in memory.
//! Never in clear on the disk, and never made anew over one that does not open.

mod cloud;
mod error;
mod key;
mod pages;

use std::{
    fs::File,
    path::{Path, PathBuf},
    str::FromStr as _,
    time::Duration,
};

use secrecy::ExposeSecret as _;
use sqlx::{
    ConnectOptions as _, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(crate) use self::pages::Known;
pub use self::{
    cloud::Question,
    error::StoreError,
    key::{StoreKey, WithoutKey, find_key},
    pages::{FileId, FileInfo, PageCounts},
};
use crate::files::DataFolder;

/// The store's file in the data folder.
const FILE: &str = "store.db";

/// How long closing may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// The local store. Clones are the same store.
///
/// A process must not end before [`Store::close`] has: SQLCipher takes its memory down at exit, under the feet of a
/// connection that is still at work.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    /// Where it is; none if it is in memory.
    folder: Option<DataFolder>,
}

impl Store {
    /// Opens the store of a data folder, and makes it if there is none.
    ///
    /// # Errors
    /// `NotOpened` if it has another key or is damaged; it is left as it is. `DiskFull`, `NotWritable` as they say.
    pub async fn open(folder: &DataFolder, key: &StoreKey) -> Result<Self, StoreError> {
        folder.create().map_err(|error| StoreError::folder(&error))?;
        // Two processes that start at once must not both make the tables.
        let _opening = lock_file(&folder.file("store.lock"))?;
        let path = folder.file(FILE);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .pragma("key", key.pragma().expose_secret().to_owned())
            .pragma("temp_store", "memory");
        silence_sqlcipher().await?;
        check_key(&options).await.map_err(|error| StoreError::opening(error, &path))?;
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            // Survives the end of the process at any moment; after a power cut the last pages may be read again.
            .synchronous(SqliteSynchronous::Normal);
        let pool = connect(options).await.map_err(|error| StoreError::opening(error, &path))?;
        let store = Self { pool, folder: Some(folder.clone()) };
        if let Err(error) = store.migrate().await {
            // As with a wrong key: no connection may be left to close itself while the process ends.
            store.close().await;
            return Err(StoreError::opening(error, &path));
        }
        Ok(store)
    }

    /// A store that lasts as long as the process.
    ///
    /// # Errors
    /// [`StoreError`] if SQLite refuses.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str("sqlite::memory:")?;
        let store = Self { pool: connect(options).await?, folder: None };
        store.migrate().await?;
        Ok(store)
    }

    /// Whether it outlasts the process.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// Closes it in order, within a few seconds. Not doing so loses nothing that was committed.
    pub async fn close(&self) {
        // A statement that hangs on a broken disk must not keep the process from ending.
        let _ = tokio::time::timeout(CLOSE_LIMIT, self.pool.close()).await;
    }

    async fn migrate(&self) -> Result<(), sqlx::Error> {
        sqlx::migrate!("./migrations").run(&self.pool).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error)
            | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => error,
            other => sqlx::Error::Migrate(Box::new(other)),
        })
    }
}

/// Keeps SQLCipher from writing to standard error on its own account. The setting is the process's and can be made
/// only once SQLCipher is active, which a connection with any key makes it; a real store may refuse its key, loudly.
async fn silence_sqlcipher() -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:")?;
    let mut connection = options.pragma("key", "'none'").connect().await?;
    sqlx::query("PRAGMA cipher_log_level = NONE").execute(&mut connection).await?;
    connection.close().await
}

/// Whether the store can be read with its key. The connection that tries it is closed in order before that is told: one
/// that is dropped closes itself on a thread of its own, and crashes if the process is ending meanwhile.
async fn check_key(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    let read = sqlx::query("SELECT count(*) FROM sqlite_master").execute(&mut connection).await;
    connection.close().await?;
    read.map(|_| ())
}

async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let options =
        options.foreign_keys(true).busy_timeout(Duration::from_secs(30)).disable_statement_logging();
    // One connection: a store in memory is one connection, and one on disk has one writer anyway.
    SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
}

/// Waits until this process alone has the lock; dropping the file gives it back.
fn lock_file(path: &Path) -> Result<File, StoreError> {
    let file = open_lock(path)?;
    file.lock().map_err(|error| StoreError::folder(&error))?;
    Ok(file)
}

fn open_lock(path: &Path) -> Result<File, StoreError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| StoreError::folder(&error))
}

/// Keeps other processes from reading the same file. The operating system gives it back however the process ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: Option<(PathBuf, File)>,
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Some((path, _held)) = &self.path {
            // Only tidiness: a lock file that stays behind is taken again.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Store {
    /// The right to read a file; none if another process has it.
    pub(crate) fn lock_file(&self, file: FileId) -> Result<Option<FileLock>, StoreError> {
        let Some(folder) = &self.folder else { return Ok(Some(FileLock { path: None })) };
        let path = folder.file(&format!("reading-{file}.lock"));
        let lock = open_lock(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(FileLock { path: Some((path, lock)) })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(StoreError::folder(&error)),
        }
    }
}

#[cfg(test)]
mod tests;
