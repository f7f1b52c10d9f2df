//! A folder that is removed at its end. One whose process was killed is removed when the next is created.

use std::{
    fs::{self, DirEntry, File},
    io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::atomic_file::remove_abandoned;

/// The file in the folder that its process holds a lock on.
const LOCK_FILE: &str = "in-use";

/// A new folder among the system's temporary files.
#[derive(Debug)]
pub struct TemporaryFolder {
    folder: TempDir,
    /// Held while this process runs, so that others know that the folder is in use.
    _lock: File,
}

impl TemporaryFolder {
    /// Creates a folder whose name begins with `prefix`, and removes this user's abandoned ones of that prefix.
    ///
    /// # Errors
    /// Those of creating a folder and a file.
    pub fn create(prefix: &str) -> io::Result<Self> {
        let parent = std::env::temp_dir();
        let is_candidate = |entry: &DirEntry| {
            entry.file_name().to_string_lossy().starts_with(prefix)
                && entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata))
        };
        remove_abandoned(&parent, is_candidate, |folder| folder.join(LOCK_FILE));
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
        // PostgreSQL does not run as root; its own user must be able to reach a cluster in the folder.
        #[cfg(unix)]
        if nix::unistd::geteuid().is_root() {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
        }
        let lock = File::create(folder.path().join(LOCK_FILE))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into it.
    ///
    /// # Errors
    /// Those of writing a file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Removes it with its content. What cannot be removed now is removed when the next is created.
    pub fn remove(self) {
        let _ = self.folder.close();
    }
}

#[cfg(unix)]
fn is_own(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == nix::unistd::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &fs::Metadata) -> bool {
    true
}
