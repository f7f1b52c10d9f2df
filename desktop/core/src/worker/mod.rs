//! The page worker: a child process of this same binary that opens one file. The parent's half is [`process`], the
//! child's half is [`child`]; both speak [`protocol`].

mod child;
mod process;
mod protocol;
mod searchable_pdf;

pub use self::{
    child::{COMMAND, main},
    process::PageLimits,
};
pub(crate) use self::{
    process::{Death, Opening, PageWorker, WorkerPlan},
    protocol::{Answer, CopyAnswer, CopyRequest, Fingerprint, NotCopied, Refusal, Request},
};
