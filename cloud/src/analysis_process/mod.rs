//! The analysis process: a child of a worker, of this same binary, that makes one analysis, so that a record can crash or
//! exhaust no more than that process. It has no secrets, no network and no files, and limited memory and time.
//!
//! [`process`] is the worker's half, [`child`] the child's; both speak [`protocol`], and [`sandbox`] confines the child.

mod child;
mod process;
mod protocol;
mod sandbox;

pub use self::{
    child::{COMMAND, run},
    process::{AnalysisProcess, ProcessExit, ProcessLimits},
    protocol::{AnalysisReply, AnalysisStep},
};
