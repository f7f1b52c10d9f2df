//! Files on this machine: those to read, the data folder, and those that are written as a whole or not at all.

mod atomic_file;
mod folder;
mod output_file;
mod source;
mod temporary_folder;

pub(crate) use self::{atomic_file::AtomicFile, source::sha256_hex};
pub use self::{
    atomic_file::write_atomically,
    folder::DataFolder,
    output_file::{OutputError, OutputFile},
    source::{FileError, FileProblem, SourceFile},
    temporary_folder::TemporaryFolder,
};
