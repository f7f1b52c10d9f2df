//! A file that is written beside its place, to be put there whole. It is locked as long as it is written, which tells it
//! from what a killed process left behind: that is removed when the next one is begun. Never removes what another process
//! still writes.

use std::{fs, fs::TryLockError, io, path::Path};

use tempfile::NamedTempFile;

const PREFIX: &str = ".maneiro-";
const SUFFIX: &str = ".part";

/// Begins a file in a folder; it vanishes unless it is put in its place. Blocks, as any work on a disk may.
///
/// # Errors
/// As of creating a file.
pub(crate) fn begin(folder: &Path) -> io::Result<NamedTempFile> {
    remove_left_behind(folder);
    loop {
        let draft = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
        match draft.as_file().try_lock() {
            Ok(()) if draft.path().try_exists()? => return Ok(draft),
            // Before it was locked it looked left behind to another process, which removes it.
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // Where there are no locks nobody removes anything.
            Err(TryLockError::Error(_)) => return Ok(draft),
        }
    }
}

/// Only tidiness: what cannot be looked at or removed stays.
fn remove_left_behind(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_draft = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_draft {
            continue;
        }
        let Ok(file) = fs::File::options().write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_behind_is_removed_and_what_others_write_stays() {
        let folder = tempfile::tempdir().unwrap();
        let other = begin(folder.path()).unwrap();
        let left = folder.path().join(".maneiro-left.part");
        let letter = folder.path().join(".maneiro-letter.pdf");
        fs::write(&left, "half a copy").unwrap();
        fs::write(&letter, "a letter").unwrap();
        let own = begin(folder.path()).unwrap();
        assert!(!left.exists(), "what nobody writes any more is still there");
        assert!(other.path().exists() && own.path().exists() && letter.exists());
    }
}
