//! Files on this machine: those to read, the data folder, and files that are written as a whole or not at all.

pub(crate) mod atomic_file;
mod folder;
mod source;

pub(crate) use self::source::{hex, sha256_hex};
pub use self::{
    folder::DataFolder,
    source::{FileError, FileProblem, SourceFile},
};
