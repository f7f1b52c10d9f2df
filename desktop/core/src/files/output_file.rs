//! The file that a command writes for the user. It never overwrites the input, and another file only on request.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{atomic_file::AtomicFile, source::SourceFile};

/// Why an output file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{} already exists; use --force to replace it", .path.display())]
    Exists { path: PathBuf },
    #[error("{} is the input file, which is never overwritten", .path.display())]
    IsInput { path: PathBuf },
    #[error("the disk is full; free some space and run the command again")]
    DiskFull,
    #[error("{} cannot be written: {cause}", .path.display())]
    NotWritten { path: PathBuf, cause: io::Error },
}

impl OutputError {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "output_exists",
            Self::IsInput { .. } => "output_is_input",
            Self::DiskFull => "disk_full",
            Self::NotWritten { .. } => "output_not_written",
        }
    }
}

/// The path of an output file, checked.
#[derive(Debug, Clone)]
pub struct OutputFile {
    path: PathBuf,
    replaces: bool,
}

impl OutputFile {
    /// The output for `input` at `path`. `replace` allows another file to be there. Blocks.
    ///
    /// # Errors
    /// `IsInput`, `Exists`; `NotWritten` if the path cannot be inspected.
    pub fn new(path: PathBuf, replace: bool, input: &SourceFile) -> Result<Self, OutputError> {
        let is_input = |path: &Path| path.canonicalize().ok() == input.path.canonicalize().ok();
        match path.try_exists() {
            Ok(true) if is_input(&path) => Err(OutputError::IsInput { path }),
            Ok(true) if !replace => Err(OutputError::Exists { path }),
            Ok(_) => Ok(Self { path, replaces: replace }),
            Err(cause) => Err(OutputError::NotWritten { path, cause }),
        }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn create(&self) -> Result<AtomicFile, OutputError> {
        AtomicFile::create(&self.path).map_err(|error| self.error(error))
    }

    pub(crate) fn persist(&self, file: AtomicFile) -> Result<(), OutputError> {
        let persisted = if self.replaces { file.persist() } else { file.persist_new() };
        persisted.map_err(|error| self.error(error))
    }

    pub(crate) fn error(&self, error: io::Error) -> OutputError {
        let path = self.path.clone();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                OutputError::DiskFull
            }
            io::ErrorKind::AlreadyExists => OutputError::Exists { path },
            _ => OutputError::NotWritten { path, cause: error },
        }
    }
}
