//! Files that hold one secret: written completely or not at all, and readable by their owner only.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
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

/// What the names of unfinished files begin with.
const UNFINISHED_PREFIX: &str = ".unfinished-";

/// Creates a folder that only its owner may enter, unless it exists, and removes what a process that was killed left
/// unfinished in it. No process may write to it meanwhile.
///
/// # Errors
/// [`SecretFileError::Io`] if it cannot be created, or what is unfinished cannot be removed.
pub fn create_private_folder(path: &Path) -> Result<(), SecretFileError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io_error(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(io_error(path))?;
    for entry in fs::read_dir(path).map_err(io_error(path))? {
        let entry = entry.map_err(io_error(path))?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX) {
            fs::remove_file(entry.path()).map_err(io_error(&entry.path()))?;
        }
    }
    Ok(())
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

/// Writes a new secret that survives a power cut. Never replaces one. Of several that create the same at once, one succeeds.
///
/// # Errors
/// [`SecretFileError::Io`], also if the file exists already.
pub fn create(path: &Path, secret: &[u8]) -> Result<(), SecretFileError> {
    let folder = path.parent().ok_or_else(|| SecretFileError::Malformed(path.to_owned()))?;
    let written = (|| {
        // Readable by its owner only.
        let mut file = tempfile::Builder::new().prefix(UNFINISHED_PREFIX).tempfile_in(folder)?;
        file.write_all(secret)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
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
    fn secret_that_several_create_at_once_is_one_of_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secrets: Vec<Zeroizing<Vec<u8>>> = (0..8).map(|writer| vec![writer; 4000].into()).collect();
        let created = std::thread::scope(|scope| {
            let path = &path;
            let writers: Vec<_> =
                secrets.iter().map(|secret| scope.spawn(move || create(path, secret).is_ok())).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).filter(|is_created| *is_created).count()
        });
        assert_eq!(created, 1);
        assert!(secrets.contains(&read(&path).unwrap()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[test]
    fn what_a_killed_process_left_unfinished_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        create(&folder.path().join("secret"), b"hush").unwrap();
        fs::write(folder.path().join(format!("{UNFINISHED_PREFIX}x")), b"hu").unwrap();
        create_private_folder(folder.path()).unwrap();
        let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["secret"]);
    }

    #[test]
    fn missing_secret_is_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(&folder.path().join("secret")), Err(SecretFileError::Missing(_))));
    }
}
