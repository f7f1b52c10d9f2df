//! Everything the service needs, under one folder: a private PostgreSQL cluster, an S3 server in this process, and
//! the master key. The rest of the service cannot tell it from the real ones.
//!
//! ```text
//! DIR/lock       held while somebody uses DIR
//! DIR/keys/      master key and the cluster's superuser password; readable by the owner only
//! DIR/postgres/  the cluster
//! DIR/objects/   the objects, all sealed
//! ```

pub mod objects;
pub mod postgres;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;

use self::postgres::{Cluster, ClusterError, ClusterOptions, Lifetime};
use super::{
    keys::FileKeys,
    secret_file::{self, SecretFileError},
};
use crate::ports::Random;

/// Why the folder cannot be used, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Another process has it.
    #[error("{} is in use by another maneiro-cloud: stop that one first", .0.display())]
    InUse(PathBuf),
    /// Without its key the data cannot be read; a new key would only hide that.
    #[error("{} is missing, and what is stored beside it cannot be read without it: put it back", .0.display())]
    KeyLost(PathBuf),
    /// The database server did not come up.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretFileError),
    /// The file system refused.
    #[error("{} cannot be used", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_owned();
    |source| EmbeddedError::Io { path, source }
}

/// The folder, locked, with its database server running. Dropping it stops the server, then gives the folder back.
pub struct Embedded {
    /// The database server.
    pub cluster: Cluster,
    /// The master key.
    pub keys: Arc<FileKeys>,
    objects: PathBuf,
    _lock: Lock,
}

impl Embedded {
    /// Takes the folder, making it if there is none, and starts the database server. Blocks until it is ready.
    ///
    /// # Errors
    /// Any [`EmbeddedError`].
    pub fn open(folder: &Path, random: Arc<dyn Random>) -> Result<Self, EmbeddedError> {
        fs::create_dir_all(folder).map_err(io_at(folder))?;
        let folder = fs::canonicalize(folder).map_err(io_at(folder))?;
        let lock = lock(&folder)?;
        if nix::unistd::geteuid().is_root() {
            admit_others(&folder)?;
        }
        let data = folder.join("postgres");
        let objects = folder.join("objects");
        let secrets = folder.join("keys");
        secret_file::private_folder(&secrets)?;
        secret_file::private_folder(&objects)?;
        let is_new = !data.exists();
        let keys = master_key(&secrets.join("master.key"), is_new, Arc::clone(&random))?;
        let password = superuser_password(&secrets.join("database-superuser"), is_new, &*random)?;
        let cluster =
            Cluster::start(&ClusterOptions { data: &data, password: &password, lifetime: Lifetime::Kept })?;
        Ok(Self { cluster, keys: Arc::new(keys), objects, _lock: lock })
    }

    /// Where the objects lie.
    #[must_use]
    pub fn objects(&self) -> &Path {
        &self.objects
    }
}

/// That nobody else uses the folder, as long as it lives.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A process that is just being started has the file open, too, until it becomes another program. Closing ours
        // would leave the lock with it. That it cannot be unlocked means that it is not locked.
        let _unlocked = self.0.unlock();
    }
}

fn lock(folder: &Path) -> Result<Lock, EmbeddedError> {
    let path = folder.join("lock");
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(io_at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(EmbeddedError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(EmbeddedError::Io { path, source }),
    }
}

/// Started by root, the database server runs as another user, who must get through this folder, though not see
/// what else is in it.
fn admit_others(folder: &Path) -> Result<(), EmbeddedError> {
    let metadata = fs::metadata(folder).map_err(io_at(folder))?;
    let mode = metadata.mode() & 0o7777;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o011)).map_err(io_at(folder))
}

fn master_key(path: &Path, is_new: bool, random: Arc<dyn Random>) -> Result<FileKeys, EmbeddedError> {
    match FileKeys::open(path, Arc::clone(&random)) {
        Err(SecretFileError::Missing(_)) if is_new => Ok(FileKeys::create(path, random)?),
        Err(SecretFileError::Missing(path)) => Err(EmbeddedError::KeyLost(path)),
        opened => Ok(opened?),
    }
}

fn superuser_password(path: &Path, is_new: bool, random: &dyn Random) -> Result<SecretString, EmbeddedError> {
    let read = match secret_file::read(path) {
        Err(SecretFileError::Missing(_)) if is_new => {
            secret_file::create(path, random_text(random).as_bytes())?;
            secret_file::read(path)?
        }
        Err(SecretFileError::Missing(path)) => return Err(EmbeddedError::KeyLost(path)),
        read => read?,
    };
    let text = std::str::from_utf8(&read).map_err(|_| SecretFileError::Malformed(path.to_owned()))?;
    Ok(text.into())
}

/// 256 random bits in hexadecimal: a password that needs no quoting anywhere.
#[must_use]
pub fn random_text(random: &dyn Random) -> String {
    use std::fmt::Write as _;
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, PgConnection};

    use super::*;
    use crate::adapters::system::SystemRandom;

    fn open(folder: &Path) -> Result<Embedded, EmbeddedError> {
        Embedded::open(folder, Arc::new(SystemRandom))
    }

    async fn ask(embedded: &Embedded, sql: &'static str) -> Vec<String> {
        use secrecy::ExposeSecret as _;
        let url = embedded.cluster.superuser_url("kept");
        let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_stored_is_there_after_a_restart_and_one_process_has_it_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let embedded = open(folder.path()).unwrap();
        embedded.cluster.create_database("kept").await.unwrap();
        ask(&embedded, "create table notes (note text)").await;
        ask(&embedded, "insert into notes values ('still here') returning note").await;

        let second = open(folder.path());
        assert!(matches!(second, Err(EmbeddedError::InUse(_))));
        drop(embedded);
        assert!(!folder.path().join("postgres/postmaster.pid").exists(), "the server went with its owner");

        let again = open(folder.path()).unwrap();
        again.cluster.create_database("kept").await.unwrap();
        assert_eq!(ask(&again, "select note from notes").await, ["still here"]);
        assert_eq!(ask(&again, "select current_setting('fsync')").await, ["on"]);
    }

    #[test]
    fn the_mark_of_a_crashed_server_is_removed_and_the_process_that_has_its_number_now_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let mark = folder.path().join("postgres/postmaster.pid");
        fs::write(&mark, format!("{}\n", std::process::id())).unwrap();
        open(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_is_given_back_though_a_process_that_is_being_started_holds_its_lock_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let lock = super::lock(folder.path()).unwrap();
        let elsewhere = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(super::lock(folder.path()).is_ok());
        drop(elsewhere);
    }

    #[test]
    fn a_lost_key_is_told_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        let key = folder.path().join("keys/master.key");
        fs::remove_file(&key).unwrap();
        let Err(EmbeddedError::KeyLost(path)) = open(folder.path()) else {
            panic!("a new key hides the loss")
        };
        assert_eq!(path.file_name(), key.file_name());
        assert!(!key.exists());
    }
}
