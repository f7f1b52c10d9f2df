//! The page worker: a child process of this same binary that opens one file, so that a hostile file can crash or
//! exhaust no more than that process. [`process`] is the parent's half, [`child`] the worker's; both speak [`protocol`].

mod child;
mod process;
mod protocol;
mod searchable_pdf;

pub use self::{
    child::{COMMAND, run},
    process::PageLimits,
};
pub(crate) use self::{
    process::{PageWorker, WorkerExit, WorkerOptions},
    protocol::{SearchablePdfRequest, SearchablePdfResponse, WorkerRequest, WorkerResponse},
};
