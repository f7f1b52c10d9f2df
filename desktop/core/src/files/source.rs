//! A file that the user wants to read: its digest, and what is wrong with it. Never parses it.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use maneiro_api::limits::MAX_ORIGINAL_BYTES;
use sha2::{Digest as _, Sha256};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} {problem}", .path.display())]
pub struct FileError {
    /// The path as the user wrote it.
    pub path: PathBuf,
    #[source]
    pub problem: FileProblem,
}

/// What is wrong with a file. Each message continues a sentence that begins with the file's path.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    #[error("does not exist")]
    NotFound,
    #[error("is a directory; name the files in it")]
    IsDirectory,
    /// A device, a pipe or a socket.
    #[error("is not a regular file")]
    NotRegular,
    #[error("cannot be read: permission denied")]
    PermissionDenied,
    #[error("cannot be read from its disk")]
    NotReadable(#[source] io::Error),
    #[error("is empty")]
    Empty,
    #[error("is neither a PDF nor a PNG, JPEG or TIFF image")]
    UnsupportedFormat,
    #[error("is larger than 2 GiB")]
    TooLarge,
    #[error("has {pages} pages; a document has at most {limit}")]
    TooManyPages { pages: u32, limit: u32 },
    #[error("is protected by a password")]
    PasswordRequired,
    #[error("does not open with this password")]
    WrongPassword,
    /// No page can be reached.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// Opening it exceeded the limits of a page worker.
    #[error("cannot be opened: {0}")]
    NotOpened(String),
    #[error("changed while it was read; run the command again")]
    Changed,
    #[error("is being read by another maneiro process; wait until that is done")]
    Busy,
    #[error("is signed; a searchable PDF would invalidate the signature")]
    Signed,
    #[error("is encrypted; a searchable PDF would lose the encryption")]
    Encrypted,
    /// No page needed OCR, so there is no text to add.
    #[error("has no OCR text to add; all of its text can be searched already")]
    NoOcrText,
    /// Making its searchable PDF exceeded the limits of a page worker.
    #[error("cannot be made searchable: {0}")]
    NotConverted(String),
    #[error("has only {pages} pages")]
    NoSuchPage { pages: u32 },
}

impl FileProblem {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "file_not_found",
            Self::IsDirectory => "is_a_directory",
            Self::NotRegular => "not_a_regular_file",
            Self::PermissionDenied => "permission_denied",
            Self::NotReadable(_) => "file_not_readable",
            Self::Empty => "file_empty",
            Self::UnsupportedFormat => "unsupported_format",
            Self::TooLarge => "file_too_large",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::PasswordRequired => "password_required",
            Self::WrongPassword => "wrong_password",
            Self::Damaged(_) => "file_damaged",
            Self::NotOpened(_) => "file_not_opened",
            Self::Changed => "file_changed",
            Self::Busy => "file_busy",
            Self::Signed => "file_signed",
            Self::Encrypted => "file_encrypted",
            Self::NoOcrText => "no_ocr_text",
            Self::NotConverted(_) => "file_not_converted",
            Self::NoSuchPage { .. } => "no_such_page",
        }
    }
}

impl From<io::Error> for FileProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            io::ErrorKind::IsADirectory => Self::IsDirectory,
            _ => Self::NotReadable(error),
        }
    }
}

/// A readable file, and which bytes it held.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it lies; the name alone if its bytes lie in `content`.
    pub path: PathBuf,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// The bytes of what must not lie on the disk in clear.
    pub(crate) content: Option<Arc<[u8]>>,
}

/// The bytes are the patient's.
impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceFile")
            .field("path", &self.path)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl SourceFile {
    /// Reads the whole file once, in chunks, to compute its digest. Blocks.
    ///
    /// # Errors
    /// [`FileError`] if it is not a regular, readable file of an accepted size.
    pub fn from_path(path: &Path) -> Result<Self, FileError> {
        let error = |problem| FileError { path: path.to_path_buf(), problem };
        // Inspected before it is opened: opening a pipe would wait for its writer.
        let kind = std::fs::metadata(path).map_err(|cause| error(cause.into()))?.file_type();
        if kind.is_dir() {
            return Err(error(FileProblem::IsDirectory));
        }
        if !kind.is_file() {
            return Err(error(FileProblem::NotRegular));
        }
        let mut file = File::open(path).map_err(|cause| error(cause.into()))?;
        let (sha256, bytes) = sha256_and_length(&mut file).map_err(|cause| error(cause.into()))?;
        match bytes {
            0 => Err(error(FileProblem::Empty)),
            bytes if bytes > MAX_ORIGINAL_BYTES => Err(error(FileProblem::TooLarge)),
            bytes => Ok(Self { path: path.to_path_buf(), sha256, bytes, content: None }),
        }
    }

    /// A file that lies nowhere, only in these bytes.
    pub(crate) fn from_content(name: &str, content: Arc<[u8]>) -> Self {
        let (sha256, bytes) = (sha256_hex(&content), content.len() as u64);
        Self { path: name.into(), sha256, bytes, content: Some(content) }
    }

    #[must_use]
    pub fn error(&self, problem: FileProblem) -> FileError {
        FileError { path: self.path.clone(), problem }
    }

    /// The file's name without its folders.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

/// Digest and length of the rest of `file`. Stops one byte above the limit.
fn sha256_and_length(file: &mut impl Read) -> io::Result<(String, u64)> {
    let mut file = file.take(MAX_ORIGINAL_BYTES + 1);
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hex::encode(hash.finalize()), bytes)),
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
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_identified_by_the_digest_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.pdf");
        std::fs::write(&path, "abc").unwrap();
        let file = SourceFile::from_path(&path).unwrap();
        // FIPS 180-2, appendix B.1.
        assert_eq!(file.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((file.bytes, file.name().as_str()), (3, "abc.pdf"));
    }

    #[test]
    fn an_unusable_file_gets_the_code_of_its_problem() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| SourceFile::from_path(path).unwrap_err().problem.code();
        std::fs::write(folder.path().join("empty.pdf"), "").unwrap();
        assert_eq!(code(folder.path()), "is_a_directory");
        assert_eq!(code(&folder.path().join("empty.pdf")), "file_empty");
        assert_eq!(code(&folder.path().join("missing.pdf")), "file_not_found");
        #[cfg(unix)]
        assert_eq!(code(Path::new("/dev/null")), "not_a_regular_file");
    }
}
