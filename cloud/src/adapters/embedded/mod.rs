//! Everything that the service needs, in one folder: a private PostgreSQL cluster, an S3 server in this process, and the
//! master key. For the rest of the service they are like any others.
//!
//! ```text
//! DIR/lock       locked while a process uses DIR
//! DIR/keys/      master key and the cluster's superuser password; readable by the owner only
//! DIR/postgres/  the cluster
//! DIR/objects/   the objects, all sealed
//! DIR/outbox/    the mails, readable by the owner only
//! ```

pub mod credentials;
pub mod object_server;
pub mod postgres;
#[cfg(test)]
pub(crate) mod versioned_bucket;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;

use self::{
    credentials::random_password,
    postgres::{Cluster, ClusterError, ClusterOptions, Lifetime},
};
use super::{
    master_key_file::MasterKeyFile,
    secret_file::{self, SecretFileError},
};
use crate::ports::Random;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error("{} is in use by another maneiro-cloud: stop that one first", .0.display())]
    InUse(PathBuf),
    /// Without its key the data cannot be read. A new key would only hide that.
    #[error("{} is missing, and the data beside it cannot be read without it: put it back", .0.display())]
    KeyMissing(PathBuf),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Secret(#[from] SecretFileError),
    #[error("{} cannot be used", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_owned();
    |source| EmbeddedError::Io { path, source }
}

/// The locked folder with its running database server. Dropping it stops the server, then unlocks the folder.
pub struct EmbeddedFolder {
    pub cluster: Cluster,
    pub keys: Arc<MasterKeyFile>,
    objects: PathBuf,
    outbox: PathBuf,
    _lock: FolderLock,
}

impl EmbeddedFolder {
    /// Locks the folder, creates it if it does not exist, and starts the database server. Blocks until it is ready.
    ///
    /// # Errors
    /// Any [`EmbeddedError`].
    pub fn open(folder: &Path, random: Arc<dyn Random>) -> Result<Self, EmbeddedError> {
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        let folder = fs::canonicalize(folder).map_err(io_error(folder))?;
        let lock = lock(&folder)?;
        if nix::unistd::geteuid().is_root() {
            allow_traversal(&folder)?;
        }
        let data = folder.join("postgres");
        let objects = folder.join("objects");
        let outbox = folder.join("outbox");
        let secrets = folder.join("keys");
        secret_file::create_private_folder(&secrets)?;
        secret_file::create_private_folder(&objects)?;
        let is_new = !data.exists();
        let keys = master_key(&secrets.join("master.key"), is_new, Arc::clone(&random))?;
        let password = superuser_password(&secrets.join("database-superuser"), is_new, &*random)?;
        let options = ClusterOptions { data: &data, password: &password, lifetime: Lifetime::Persistent };
        let cluster = Cluster::start(&options)?;
        Ok(Self { cluster, keys: Arc::new(keys), objects, outbox, _lock: lock })
    }

    /// The folder of the object store.
    #[must_use]
    pub fn objects(&self) -> &Path {
        &self.objects
    }

    /// The folder that mails are written to.
    #[must_use]
    pub fn outbox(&self) -> &Path {
        &self.outbox
    }
}

/// The lock of the folder, held as long as this lives.
struct FolderLock(File);

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A process that is being spawned has the file open too, until it executes another program. Closing ours would
        // leave the lock with it. If unlocking fails, the file is not locked.
        let _unlocked = self.0.unlock();
    }
}

fn lock(folder: &Path) -> Result<FolderLock, EmbeddedError> {
    let path = folder.join("lock");
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(io_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(TryLockError::WouldBlock) => Err(EmbeddedError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(EmbeddedError::Io { path, source }),
    }
}

/// Started by root, the database server runs as another user, who must be able to pass through this folder, though not to
/// list it.
fn allow_traversal(folder: &Path) -> Result<(), EmbeddedError> {
    let metadata = fs::metadata(folder).map_err(io_error(folder))?;
    let mode = metadata.mode() & 0o7777;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o011)).map_err(io_error(folder))
}

fn master_key(path: &Path, is_new: bool, random: Arc<dyn Random>) -> Result<MasterKeyFile, EmbeddedError> {
    match MasterKeyFile::open(path, &[], Arc::clone(&random)) {
        Err(SecretFileError::Missing(_)) if is_new => Ok(MasterKeyFile::create(path, random)?),
        Err(SecretFileError::Missing(path)) => Err(EmbeddedError::KeyMissing(path)),
        opened => Ok(opened?),
    }
}

fn superuser_password(path: &Path, is_new: bool, random: &dyn Random) -> Result<SecretString, EmbeddedError> {
    let secret = match secret_file::read(path) {
        Err(SecretFileError::Missing(_)) if is_new => {
            secret_file::create(path, random_password(random).as_bytes())?;
            secret_file::read(path)?
        }
        Err(SecretFileError::Missing(path)) => return Err(EmbeddedError::KeyMissing(path)),
        secret => secret?,
    };
    let text = std::str::from_utf8(&secret).map_err(|_| SecretFileError::Malformed(path.to_owned()))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, PgConnection};

    use super::*;
    use crate::adapters::system::SystemRandom;

    fn open(folder: &Path) -> Result<EmbeddedFolder, EmbeddedError> {
        EmbeddedFolder::open(folder, Arc::new(SystemRandom))
    }

    async fn query(embedded: &EmbeddedFolder, sql: &'static str) -> Vec<String> {
        use secrecy::ExposeSecret as _;
        let url = embedded.cluster.superuser_url("kept");
        let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }

    #[tokio::test]
    async fn data_survives_a_restart_and_one_process_uses_it_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let embedded = open(folder.path()).unwrap();
        embedded.cluster.create_database("kept").await.unwrap();
        query(&embedded, "create table notes (note text)").await;
        query(&embedded, "insert into notes values ('still here') returning note").await;

        let second = open(folder.path());
        assert!(matches!(second, Err(EmbeddedError::InUse(_))));
        drop(embedded);
        assert!(!folder.path().join("postgres/postmaster.pid").exists(), "the server stopped with its owner");

        let reopened = open(folder.path()).unwrap();
        reopened.cluster.create_database("kept").await.unwrap();
        assert_eq!(query(&reopened, "select note from notes").await, ["still here"]);
        assert_eq!(query(&reopened, "select current_setting('fsync')").await, ["on"]);
    }

    #[test]
    fn stale_pid_file_is_removed_and_its_process_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let pid_file = folder.path().join("postgres/postmaster.pid");
        fs::write(&pid_file, format!("{}\n", std::process::id())).unwrap();
        open(folder.path()).unwrap();
    }

    #[test]
    fn folder_is_unlocked_while_another_handle_of_the_lock_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let lock = super::lock(folder.path()).unwrap();
        let other_handle = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(super::lock(folder.path()).is_ok());
        drop(other_handle);
    }

    #[test]
    fn missing_key_is_an_error_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let key = folder.path().join("keys/master.key");
        fs::remove_file(&key).unwrap();
        let Err(EmbeddedError::KeyMissing(path)) = open(folder.path()) else {
            panic!("a new key hides the loss")
        };
        assert_eq!(path.file_name(), key.file_name());
        assert!(!key.exists());
    }
}
