//! A file that the user wants read: is it one, what is its digest, what is wrong with it. Never parses it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use maneiro_api::limits::MAX_ORIGINAL_BYTES;
use sha2::{Digest as _, Sha256};

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{} {problem}", .path.display())]
pub struct FileError {
    /// The file as the user named it.
    pub path: PathBuf,
    /// What is wrong.
    #[source]
    pub problem: FileProblem,
}

/// What is wrong with a file. The sentences go on from its name.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It does not exist.
    #[error("does not exist")]
    NotFound,
    /// It is a folder.
    #[error("is a folder; name the files in it")]
    Folder,
    /// It is a device, a pipe or a socket.
    #[error("is not a regular file")]
    NotRegular,
    /// This user may not read it.
    #[error("may not be read by this user")]
    NoPermission,
    /// The disk did not give it.
    #[error("could not be read from its disk")]
    Disk(#[source] io::Error),
    /// It has no bytes.
    #[error("is empty")]
    Empty,
    /// It is of another kind.
    #[error("is neither a PDF nor a PNG, JPEG or TIFF image")]
    NotAPageFile,
    /// It has too many bytes.
    #[error("is larger than 2 GiB")]
    TooLarge,
    /// It has too many pages.
    #[error("has {pages} pages, more than the {limit} of one document")]
    TooManyPages {
        /// How many it has.
        pages: u32,
        /// How many it may have.
        limit: u32,
    },
    /// It opens only with a password.
    #[error("is protected by a password")]
    PasswordNeeded,
    /// It does not open with the password given.
    #[error("does not open with this password")]
    PasswordWrong,
    /// No page can be reached.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// Opening it broke the limits.
    #[error("cannot be opened: {0}")]
    NotOpened(String),
    /// It was replaced or altered meanwhile.
    #[error("changed while it was read; run the command again")]
    Changed,
    /// Another process reads it at this moment.
    #[error("is being read by another maneiro; wait until that is done")]
    Busy,
    /// A copy of it would lose its signature.
    #[error("is signed, and what is signed is not altered")]
    Signed,
    /// A copy of it would not be protected.
    #[error("is protected, and what is protected is not altered")]
    Protected,
    /// Its own text can be searched.
    #[error("needs no searchable copy: nothing had to be recognised in it")]
    NothingRecognised,
    /// Making a copy of it broke the limits.
    #[error("cannot be copied: {0}")]
    NotCopied(String),
    /// The page asked for does not exist.
    #[error("has only {pages} pages")]
    NoSuchPage {
        /// How many it has.
        pages: u32,
    },
}

impl FileProblem {
    /// What a program acts on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "file_not_found",
            Self::Folder => "is_a_folder",
            Self::NotRegular => "not_a_regular_file",
            Self::NoPermission => "no_permission",
            Self::Disk(_) => "file_not_readable",
            Self::Empty => "empty_file",
            Self::NotAPageFile => "not_a_page_file",
            Self::TooLarge => "file_too_large",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::PasswordNeeded => "password_needed",
            Self::PasswordWrong => "wrong_password",
            Self::Damaged(_) => "damaged_file",
            Self::NotOpened(_) => "file_not_opened",
            Self::Changed => "file_changed",
            Self::Busy => "file_busy",
            Self::Signed => "file_signed",
            Self::Protected => "file_protected",
            Self::NothingRecognised => "nothing_recognised",
            Self::NotCopied(_) => "file_not_copied",
            Self::NoSuchPage { .. } => "no_such_page",
        }
    }
}

impl From<io::Error> for FileProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::NoPermission,
            io::ErrorKind::IsADirectory => Self::Folder,
            _ => Self::Disk(error),
        }
    }
}

/// A file that can be read from the disk, and which bytes it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

impl SourceFile {
    /// Reads the whole file once, a piece at a time, for its digest. Blocks.
    ///
    /// # Errors
    /// [`FileError`] if it is no regular, readable file of a possible size.
    pub fn examine(path: &Path) -> Result<Self, FileError> {
        let failed = |problem| FileError { path: path.to_path_buf(), problem };
        // Looked at before it is opened: opening a pipe would wait for its writer.
        let kind = std::fs::metadata(path).map_err(|error| failed(error.into()))?.file_type();
        if kind.is_dir() {
            return Err(failed(FileProblem::Folder));
        }
        if !kind.is_file() {
            return Err(failed(FileProblem::NotRegular));
        }
        let mut file = File::open(path).map_err(|error| failed(error.into()))?;
        let (sha256, bytes) = digest(&mut file).map_err(|error| failed(error.into()))?;
        match bytes {
            0 => Err(failed(FileProblem::Empty)),
            bytes if bytes > MAX_ORIGINAL_BYTES => Err(failed(FileProblem::TooLarge)),
            bytes => Ok(Self { path: path.to_path_buf(), sha256, bytes }),
        }
    }

    /// An error about this file.
    #[must_use]
    pub fn failed(&self, problem: FileProblem) -> FileError {
        FileError { path: self.path.clone(), problem }
    }

    /// The file's own name, without its folders.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

/// Digest and length of what is left of `file`; stops one byte above the limit.
fn digest(file: &mut impl Read) -> io::Result<(String, u64)> {
    let mut file = file.take(MAX_ORIGINAL_BYTES + 1);
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hex(&hash.finalize()), bytes)),
            Ok(read) => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// SHA-256 of `bytes`, lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_digest_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.pdf");
        std::fs::write(&path, "abc").unwrap();
        let file = SourceFile::examine(&path).unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(file.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((file.bytes, file.name().as_str()), (3, "abc.pdf"));
    }

    #[test]
    fn what_is_no_readable_file_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| SourceFile::examine(path).unwrap_err().problem.code();
        std::fs::write(folder.path().join("empty.pdf"), "").unwrap();
        assert_eq!(code(folder.path()), "is_a_folder");
        assert_eq!(code(&folder.path().join("empty.pdf")), "empty_file");
        assert_eq!(code(&folder.path().join("missing.pdf")), "file_not_found");
        #[cfg(unix)]
        assert_eq!(code(Path::new("/dev/null")), "not_a_regular_file");
    }
}
