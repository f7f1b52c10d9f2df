//! Files that are written as a whole or not at all: under a temporary name in the same folder, then renamed.
//!
//! A temporary file is locked while it is written. One without a lock was left by a killed process; it is removed when
//! the next file is begun in its folder. What another process still writes is never removed.

use std::{
    fs::{self, DirEntry, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

const PREFIX: &str = ".maneiro-";
const SUFFIX: &str = ".part";

/// A file that is being written. It is removed when it is dropped without being persisted.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins the file that will be at `path`. Only its owner may read it. Blocks.
    ///
    /// # Errors
    /// Those of creating a file in the folder.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let folder = folder(path);
        remove_abandoned(folder, is_temporary, Path::to_path_buf);
        loop {
            let temporary = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
            let is_created = match temporary.as_file().try_lock() {
                // Before it was locked, another process may have taken it for an abandoned one and removed it.
                Ok(()) => temporary.path().try_exists()?,
                Err(TryLockError::WouldBlock) => false,
                // Without locks, no process removes anything.
                Err(TryLockError::Error(_)) => true,
            };
            if is_created {
                return Ok(Self { temporary, path: path.to_path_buf() });
            }
        }
    }

    /// Moves the file to its path, replacing a file there. Blocks.
    ///
    /// # Errors
    /// Those of writing and renaming a file.
    pub(crate) fn persist(self) -> io::Result<()> {
        self.temporary.as_file().sync_all()?;
        self.temporary.persist(&self.path)?;
        sync_folder(&self.path)
    }

    /// Moves the file to its path if nothing is there. Blocks.
    ///
    /// # Errors
    /// `AlreadyExists`; those of writing and renaming a file.
    pub(crate) fn persist_new(self) -> io::Result<()> {
        self.temporary.as_file().sync_all()?;
        self.temporary.persist_noclobber(&self.path)?;
        sync_folder(&self.path)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Writes a file as a whole or not at all, replacing one of the same name. Only its owner may read it. Blocks.
///
/// # Errors
/// Those of creating, writing and renaming a file.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.persist()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file's new name is on the disk only when its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn is_temporary(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
        && entry.file_type().is_ok_and(|kind| kind.is_file())
}

/// Removes the candidates in a folder whose lock nobody holds. What cannot be inspected or removed stays.
pub(super) fn remove_abandoned(
    folder: &Path,
    is_candidate: impl Fn(&DirEntry) -> bool,
    lock_file: impl Fn(&Path) -> PathBuf,
) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(is_candidate) {
        let path = entry.path();
        let Ok(lock) = File::options().write(true).open(lock_file(&path)) else { continue };
        if lock.try_lock().is_ok() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let _ = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abandoned_files_are_removed_and_files_in_use_stay() {
        let folder = tempfile::tempdir().unwrap();
        let in_use = AtomicFile::create(&folder.path().join("a.pdf")).unwrap();
        let abandoned = folder.path().join(".maneiro-left.part");
        let unrelated = folder.path().join(".maneiro-letter.pdf");
        fs::write(&abandoned, "half a file").unwrap();
        fs::write(&unrelated, "a letter").unwrap();
        let own = AtomicFile::create(&folder.path().join("b.pdf")).unwrap();
        assert!(!abandoned.exists(), "an abandoned file is still there");
        assert!(in_use.temporary.path().exists() && own.temporary.path().exists() && unrelated.exists());
    }

    #[test]
    fn a_file_appears_whole_and_replaces_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"first").unwrap();
        assert!(!path.exists());
        file.persist_new().unwrap();
        let refused = AtomicFile::create(&path).unwrap().persist_new().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
