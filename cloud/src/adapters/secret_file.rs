//! Files that hold one secret: written whole or not at all, readable by their owner only, refused otherwise.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

/// No secret is longer; bounds what is read.
const MAX_BYTES: u64 = 4096;

/// Why a secret file cannot be used. Names the file, never its content.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// There is none.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// Others than the owner may read or change it.
    #[error("{} can be read or changed by others (mode {mode:03o}): set its mode to 600", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// It is not a plain file of the expected size.
    #[error("{} is not a secret file", .0.display())]
    Malformed(PathBuf),
    /// The file system refused.
    #[error("{} cannot be used", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> SecretFileError {
    let path = path.to_owned();
    |source| match source.kind() {
        io::ErrorKind::NotFound => SecretFileError::Missing(path),
        _ => SecretFileError::Io { path, source },
    }
}

/// Makes a folder that only its owner may enter, if there is none.
///
/// # Errors
/// [`SecretFileError::Io`] if it cannot be made.
pub fn private_folder(path: &Path) -> Result<(), SecretFileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io_at(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(io_at(path))
}

/// Reads the secret, after making sure that nobody else could have.
///
/// # Errors
/// Any [`SecretFileError`]; `Missing` if there is no such file.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
    let file = File::open(path).map_err(io_at(path))?;
    // Asked of the open file, so that it cannot be exchanged in between.
    let metadata = file.metadata().map_err(io_at(path))?;
    let mode = metadata.mode() & 0o777;
    if !metadata.is_file() {
        return Err(SecretFileError::Malformed(path.to_owned()));
    }
    let owner = metadata.uid();
    if owner != nix::unistd::geteuid().as_raw() && owner != 0 {
        return Err(SecretFileError::Foreign(path.to_owned()));
    }
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Exposed { path: path.to_owned(), mode });
    }
    let mut secret = Zeroizing::new(Vec::new());
    file.take(MAX_BYTES).read_to_end(&mut secret).map_err(io_at(path))?;
    Ok(secret)
}

/// Writes a new secret so that it survives a power cut. Never replaces one.
///
/// # Errors
/// [`SecretFileError::Io`], also if the file exists already.
pub fn create(path: &Path, secret: &[u8]) -> Result<(), SecretFileError> {
    let folder = path.parent().ok_or_else(|| SecretFileError::Malformed(path.to_owned()))?;
    let unfinished = path.with_extension("unfinished");
    let written = (|| {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(secret)?;
        file.sync_all()?;
        // A link fails where a rename would replace.
        fs::hard_link(&unfinished, path)?;
        fs::remove_file(&unfinished)?;
        File::open(folder)?.sync_all()
    })();
    written.map_err(|source| SecretFileError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"hush").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"hush");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_secret_that_others_could_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"hush").unwrap();
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(&path), Err(SecretFileError::Exposed { .. })), "mode {mode:o}");
        }
    }

    #[test]
    fn a_secret_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"first").unwrap();
        assert!(create(&path, b"second").is_err());
        assert_eq!(read(&path).unwrap().as_slice(), b"first");
    }

    #[test]
    fn a_missing_secret_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(&folder.path().join("secret")), Err(SecretFileError::Missing(_))));
    }
}
