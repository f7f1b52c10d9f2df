//! Opens and closes the store's database.

use std::{fs::File, path::Path, str::FromStr as _, time::Duration};

use secrecy::ExposeSecret as _;
use sqlx::{
    ConnectOptions as _, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{error::StoreError, key::StoreKey};
use crate::files::DataFolder;

const FILE_NAME: &str = "store.db";
const LOCK_FILE_NAME: &str = "store.lock";

const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The local store. Clones share one connection.
///
/// A process must not exit before [`Store::close`] has returned: SQLCipher frees its memory at exit, even while a
/// connection still uses it.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) pool: SqlitePool,
    /// None if the store is in memory.
    pub(super) folder: Option<DataFolder>,
}

impl Store {
    /// Opens the store of a data folder, and creates it if there is none.
    ///
    /// # Errors
    /// `NotOpened` if it has another key or is damaged: it is left unchanged. `DiskFull`, `NotWritable`, `Busy`.
    pub async fn open(folder: &DataFolder, key: &StoreKey) -> Result<Self, StoreError> {
        folder.create().map_err(|error| StoreError::from_folder(&error))?;
        // Two processes that start at the same time must not both create the tables.
        let _lock = lock_file(&folder.join(LOCK_FILE_NAME))?;
        let path = folder.join(FILE_NAME);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .pragma("key", key.pragma_value().expose_secret().to_owned())
            .pragma("temp_store", "memory");
        silence_sqlcipher().await?;
        check_key(&options).await.map_err(|error| StoreError::from_open(error, &path))?;
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            // Survives the end of the process at any moment. After a power cut, the last pages may have to be read again.
            .synchronous(SqliteSynchronous::Normal);
        let pool = connect(options).await.map_err(|error| StoreError::from_open(error, &path))?;
        let store = Self { pool, folder: Some(folder.clone()) };
        if let Err(error) = store.migrate().await {
            // As in `check_key`: no connection may close itself while the process exits.
            store.close().await;
            return Err(StoreError::from_open(error, &path));
        }
        Ok(store)
    }

    /// A store in memory, for the lifetime of the process.
    ///
    /// # Errors
    /// [`StoreError`] if SQLite refuses.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str("sqlite::memory:")?;
        let store = Self { pool: connect(options).await?, folder: None };
        store.migrate().await?;
        Ok(store)
    }

    /// Closes the connection, within a few seconds. Nothing that was committed is lost without it.
    pub async fn close(&self) {
        // A statement that hangs on a broken disk must not keep the process from exiting.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.pool.close()).await;
    }

    async fn migrate(&self) -> Result<(), sqlx::Error> {
        sqlx::migrate!("./migrations").run(&self.pool).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error)
            | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => error,
            other => sqlx::Error::Migrate(Box::new(other)),
        })
    }
}

/// Keeps SQLCipher from writing to standard error. The setting holds for the process, and can be made only once
/// SQLCipher is active. A connection in memory with any key activates it; the real store may refuse its key and log that.
async fn silence_sqlcipher() -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:")?;
    let mut connection = options.pragma("key", "'none'").connect().await?;
    sqlx::query("PRAGMA cipher_log_level = NONE").execute(&mut connection).await?;
    connection.close().await
}

/// Checks that the store can be read with its key. Its connection is closed before the function returns: one that is
/// dropped closes itself on another thread, and crashes if the process exits meanwhile.
async fn check_key(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    let read = sqlx::query("SELECT count(*) FROM sqlite_master").execute(&mut connection).await;
    connection.close().await?;
    read.map(|_| ())
}

async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let options = options.foreign_keys(true).busy_timeout(BUSY_TIMEOUT).disable_statement_logging();
    // A store in memory lives in one connection, and one on disk has one writer anyway.
    SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
}

/// Waits for an exclusive lock. Dropping the file releases it.
fn lock_file(path: &Path) -> Result<File, StoreError> {
    let file = open_lock_file(path)?;
    file.lock().map_err(|error| StoreError::from_folder(&error))?;
    Ok(file)
}

pub(super) fn open_lock_file(path: &Path) -> Result<File, StoreError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| StoreError::from_folder(&error))
}
