//! Files that hold one secret: written completely or not at all, and readable by their owner only.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

/// No secret is longer.
const MAX_SECRET_BYTES: u64 = 4096;

/// Why a secret file cannot be used. Contains the path, never the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    #[error("{} can be read or changed by others (mode {mode:03o}): set its mode to 600", .path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{} belongs to another user", .0.display())]
    WrongOwner(PathBuf),
    /// It is not a regular file of the expected size.
    #[error("{} is not a secret file", .0.display())]
    Malformed(PathBuf),
    #[error("{} cannot be used", .path.display())]
    Io { path: PathBuf, source: io::Error },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SecretFileError {
    let path = path.to_owned();
    |source| match source.kind() {
        io::ErrorKind::NotFound => SecretFileError::Missing(path),
        _ => SecretFileError::Io { path, source },
    }
}

/// Creates a folder that only its owner may enter, unless it exists.
///
/// # Errors
/// [`SecretFileError::Io`] if it cannot be created.
pub fn create_private_folder(path: &Path) -> Result<(), SecretFileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io_error(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(io_error(path))
}

/// Reads the secret after checking that no other user could read or change it.
///
/// # Errors
/// Any [`SecretFileError`]; `Missing` if there is no such file.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
    let file = File::open(path).map_err(io_error(path))?;
    // The metadata of the open file, so that it cannot be exchanged in between.
    let metadata = file.metadata().map_err(io_error(path))?;
    let mode = metadata.mode() & 0o777;
    if !metadata.is_file() {
        return Err(SecretFileError::Malformed(path.to_owned()));
    }
    let owner = metadata.uid();
    if owner != nix::unistd::geteuid().as_raw() && owner != 0 {
        return Err(SecretFileError::WrongOwner(path.to_owned()));
    }
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Exposed { path: path.to_owned(), mode });
    }
    let mut secret = Zeroizing::new(Vec::new());
    file.take(MAX_SECRET_BYTES).read_to_end(&mut secret).map_err(io_error(path))?;
    Ok(secret)
}

/// Writes a new secret that survives a power cut. Never replaces one.
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
        let linked = fs::hard_link(&unfinished, path);
        fs::remove_file(&unfinished)?;
        linked?;
        File::open(folder)?.sync_all()
    })();
    written.map_err(|source| SecretFileError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"hush").unwrap();
        assert_eq!(read(&path).unwrap().as_slice(), b"hush");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn secret_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"hush").unwrap();
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(&path), Err(SecretFileError::Exposed { .. })), "mode {mode:o}");
        }
    }

    #[test]
    fn secret_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"first").unwrap();
        assert!(create(&path, b"second").is_err());
        assert_eq!(read(&path).unwrap().as_slice(), b"first");
    }

    #[test]
    fn missing_secret_is_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(&folder.path().join("secret")), Err(SecretFileError::Missing(_))));
    }
}
